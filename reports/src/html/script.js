// Filters and copy buttons. The page is complete without any of them.
(function () {
  'use strict';
  // Filters.
  document.querySelectorAll('.tools').forEach(function (tools) {
    var rows = document.querySelectorAll('#' + tools.dataset.rows + ' [data-row]');
    var search = tools.querySelector('input'), verdict = tools.querySelector('select');
    var output = tools.querySelector('output');
    // Bodies are not searched, so that a filter answers at once.
    var texts = Array.prototype.map.call(rows, function (row) {
      return (row.querySelector('summary') || row).textContent.toLowerCase();
    });
    function filter() {
      var words = search.value.toLowerCase().split(/\s+/), shown = 0;
      rows.forEach(function (row, i) {
        var fits = (!verdict.value || row.dataset.verdict === verdict.value) &&
          words.every(function (word) { return texts[i].indexOf(word) >= 0; });
        row.hidden = !fits;
        if (fits) { shown += 1; }
      });
      output.textContent = shown + ' of ' + rows.length + ' shown';
    }
    tools.hidden = false;
    search.addEventListener('input', filter);
    verdict.addEventListener('change', filter);
    filter();
  });

  // Copying.
  document.querySelectorAll('button.copy').forEach(function (copy) {
    var text = copy.closest('.curl').querySelector('pre');
    copy.hidden = false;
    copy.addEventListener('click', function () {
      function done() {
        copy.textContent = 'Copied';
        setTimeout(function () { copy.textContent = 'Copy'; }, 1500);
      }
      function select() {
        var range = document.createRange();
        range.selectNodeContents(text);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        if (document.execCommand('copy')) { done(); }
      }
      if (navigator.clipboard) { navigator.clipboard.writeText(text.textContent).then(done, select); }
      else { select(); }
    });
  });

  // A marked member deep in a long body is scrolled into view within its body.
  function centre(scope) {
    scope.querySelectorAll('pre.body').forEach(function (pre) {
      var mark = pre.querySelector('mark');
      if (!mark || !pre.clientHeight || pre.dataset.centred) { return; }
      pre.dataset.centred = 'yes';
      var top = mark.offsetTop - pre.offsetTop;
      if (top > pre.clientHeight - 60) { pre.scrollTop = top - pre.clientHeight / 3; }
    });
  }
  document.querySelectorAll('details').forEach(function (details) {
    details.addEventListener('toggle', function () { centre(details); });
  });
  centre(document);

  // A link to a case opens it, also when a filter hides it; a print shows the evidence of findings.
  function reveal() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === 'DETAILS') {
      target.hidden = false;
      target.open = true;
      target.scrollIntoView();
    }
  }
  addEventListener('hashchange', reveal);
  reveal();
  addEventListener('beforeprint', function () {
    document.querySelectorAll('.finding details').forEach(function (d) { d.open = true; });
  });
})();
