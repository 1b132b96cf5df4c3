// The choice between the system's colours, light and dark; the same on every page.
(function () {
  'use strict';
  var root = document.documentElement;

  // Theme: the system's, or one that was chosen. A page opened from a file may have no storage.
  var button = document.getElementById('theme');
  var themes = ['system', 'light', 'dark'];
  function stored() { try { return localStorage.getItem('dcx-theme'); } catch (e) { return null; } }
  function show(theme) {
    if (theme === 'light' || theme === 'dark') { root.setAttribute('data-theme', theme); }
    else { theme = 'system'; root.removeAttribute('data-theme'); }
    button.textContent = 'Theme: ' + theme;
    button.dataset.theme = theme;
  }
  button.hidden = false;
  show(stored());
  button.addEventListener('click', function () {
    var next = themes[(themes.indexOf(button.dataset.theme) + 1) % themes.length];
    try { localStorage.setItem('dcx-theme', next); } catch (e) { /* shown, not kept */ }
    show(next);
  });
})();
