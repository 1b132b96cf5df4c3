// Search and filters. The page is complete without any of them.
(function () {
  'use strict';
  function by(id) { return document.getElementById(id); }

  // Search: every word must occur.
  var words = by('words'), level = by('level'), profile = by('profile');
  var sections = Array.prototype.map.call(document.querySelectorAll('main > section'), function (section) {
    var entries = Array.prototype.map.call(section.querySelectorAll('.entry'), function (entry) {
      return {
        node: entry, text: entry.textContent.toLowerCase(), level: entry.dataset.level,
        profiles: ' ' + entry.dataset.profiles + ' '
      };
    });
    return { node: section, count: section.querySelector('h2 .muted'), entries: entries };
  });
  function filter() {
    var wanted = words.value.toLowerCase().split(/\s+/), all = 0, fit = 0;
    sections.forEach(function (section) {
      var here = 0;
      section.entries.forEach(function (entry) {
        var fits = (!level.value || entry.level === level.value) &&
          (!profile.value || entry.profiles.indexOf(' ' + profile.value + ' ') >= 0) &&
          wanted.every(function (word) { return entry.text.indexOf(word) >= 0; });
        entry.node.hidden = !fits;
        if (fits) { here += 1; }
      });
      section.node.hidden = here === 0;
      section.count.textContent = here === section.entries.length ? here : here + ' of ' + section.entries.length;
      all += section.entries.length;
      fit += here;
    });
    by('shown').textContent = fit + ' of ' + all + ' shown';
    by('nothing').hidden = fit > 0;
  }
  function clear() {
    words.value = level.value = profile.value = '';
    filter();
  }
  by('tools').hidden = false;
  words.addEventListener('input', filter);
  level.addEventListener('change', filter);
  profile.addEventListener('change', filter);
  filter();

  // `/` goes to the search, Escape empties it.
  document.addEventListener('keydown', function (event) {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      words.focus();
    } else if (event.key === 'Escape' && event.target === words) {
      clear();
    }
  });

  // A link leads to its entry, also when the filters hide it.
  function reveal() {
    var target = location.hash && by(decodeURIComponent(location.hash.slice(1)));
    if (!target) { return; }
    if (target.hidden || target.closest('[hidden]')) { clear(); }
    target.scrollIntoView();
  }
  addEventListener('hashchange', reveal);
  reveal();
})();
