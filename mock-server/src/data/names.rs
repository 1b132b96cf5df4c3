//! Names and places of several traditions and scripts.

/// Names that occur together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tradition {
    pub(super) women: &'static [&'static str],
    pub(super) men: &'static [&'static str],
    pub(super) families: &'static [&'static str],
    pub(super) places: &'static [&'static str],
}

pub(super) const TRADITIONS: &[Tradition] = &[
    Tradition {
        women: &["Grace", "Amina", "Esther", "Wanjiru", "Akinyi", "Zawadi"],
        men: &["Joseph", "Juma", "Kamau", "Otieno", "Baraka", "Daudi"],
        families: &["Mwangi", "Ochieng'", "Kiprono", "Njoroge", "Wekesa", "Mutua"],
        places: &["Nairobi", "Kisumu", "Eldoret", "Mombasa"],
    },
    Tradition {
        women: &["María José", "Inés", "Lucía", "Ximena", "Guadalupe"],
        men: &["Ángel", "José Luis", "Íñigo", "Tomás", "Andrés"],
        families: &["Núñez", "García Márquez", "Peña", "de la Cruz", "Ibáñez"],
        places: &["Bogotá", "Mérida", "Asunción", "Cusco"],
    },
    Tradition {
        women: &["فاطمة", "ليلى", "مريم", "نور", "سعاد"],
        men: &["محمد", "أحمد", "يوسف", "خالد", "عمر"],
        families: &["الحسن", "منصور", "العلي", "حداد", "الخوري"],
        places: &["عمّان", "حلب", "صنعاء", "الخرطوم"],
    },
    Tradition {
        women: &["सीता", "लक्ष्मी", "अनिता", "सुनीता", "माया"],
        men: &["राम", "कृष्ण", "बिष्णु", "हरि", "दीपक"],
        families: &["श्रेष्ठ", "तामाङ", "गुरुङ", "शर्मा", "थापा"],
        places: &["काठमाडौं", "पोखरा", "जनकपुर", "धरान"],
    },
    Tradition {
        women: &["አልማዝ", "ትዕግስት", "ሰላም", "ሂሩት", "መሰረት"],
        men: &["አበበ", "ተስፋዬ", "ዳዊት", "ኃይሌ", "ሙሉጌታ"],
        families: &["ገብረማርያም", "ወልደሚካኤል", "ታደሰ", "ከበደ", "አለሙ"],
        places: &["አዲስ አበባ", "ጎንደር", "መቀሌ", "ሐዋሳ"],
    },
    Tradition {
        women: &["Nguyệt", "Thị Hoa", "Lan Anh", "Mai", "Thu Hà"],
        men: &["Văn Hùng", "Đức", "Quốc Bảo", "Minh", "Tuấn"],
        families: &["Nguyễn", "Trần", "Lê", "Phạm", "Đặng"],
        places: &["Hà Nội", "Đà Nẵng", "Huế", "Cần Thơ"],
    },
    Tradition {
        women: &["Олена", "Айгүл", "Марія", "Жаңыл", "Софія"],
        men: &["Тарас", "Нурлан", "Андрій", "Бакыт", "Іван"],
        families: &["Шевченко", "Осмонов", "Коваленко", "Токтогулов", "Мельник"],
        places: &["Львів", "Ош", "Нарын", "Полтава"],
    },
    Tradition {
        women: &["秀英", "丽", "美玲", "静"],
        men: &["伟", "建国", "志强", "明"],
        families: &["王", "陈", "林", "欧阳", "司马"],
        places: &["昆明", "泉州", "成都", "西宁"],
    },
    Tradition {
        women: &["O", "Perla Joy", "Corazon", "Rosalinda", "Mary Ann"],
        men: &["Jejomar", "Rodel", "Benigno", "Efren", "Juan"],
        families: &["Dela Cruz", "Dimaculangan", "Santos", "Macaraeg", "U"],
        places: &["Quezon City", "Cebu", "Iloilo", "Zamboanga"],
    },
];
