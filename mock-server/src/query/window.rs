//! The page of a result: where it begins, where it ends, and what is said of it.

use super::criteria::Page;
use super::{DEFAULT_PAGE_SIZE, Found};
use crate::Defect;
use crate::defect::Defects;

/// The part of a result that is told.
#[derive(Debug)]
pub(super) struct Window {
    page: Page,
    skip: usize,
    take: usize,
}

impl Window {
    pub(super) fn of(asked: Option<Page>, cx: &Defects) -> Self {
        let page = asked.unwrap_or(Page {
            size: DEFAULT_PAGE_SIZE,
            number: 1,
        });
        let pages_before = match asked {
            Some(_) if cx.commits(Defect::PageTwoRepeatsOne) => 0,
            Some(page) if cx.commits(Defect::PagesFromZero) => page.number,
            _ => page.number - 1,
        };
        let (skip, take) = if cx.commits(Defect::PageSizeIgnored) {
            (0, usize::MAX)
        } else {
            (page.size.saturating_mul(pages_before), page.size)
        };
        Self { page, skip, take }
    }

    /// How many records of the result must be known.
    pub(super) fn end(&self) -> usize {
        self.skip.saturating_add(self.take)
    }

    /// The page of a sequence that may go on beyond it.
    pub(super) fn of_sequence<T>(&self, result: impl Iterator<Item = T>) -> Vec<T> {
        result.skip(self.skip).take(self.take).collect()
    }

    /// The page of a whole result, or of its beginning.
    pub(super) fn cut<T>(&self, result: Vec<T>) -> Vec<T> {
        self.of_sequence(result.into_iter())
    }

    /// What is told of a page.
    pub(super) fn found<R>(&self, records: Vec<R>, total: usize, cx: &Defects) -> Found<R> {
        let total = if cx.commits(Defect::TotalOfPage) {
            records.len()
        } else {
            total
        };
        Found {
            records,
            page_size: self.page.size,
            page_number: self.page.number,
            total,
        }
    }
}
