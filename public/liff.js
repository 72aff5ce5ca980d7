/* The registration and what is around it: fills in what is registered, and helps where a
 * plain form cannot (search in a tree, focus on errors); who registers comes from line.js.
 * Without either the page still reads, fills in and sends. Nothing here adds or removes elements, so that the
 * deferred hydration finds what the server sent. Floor: iOS 15. */
(function () {
  'use strict';
  var script = document.currentScript;
  var mode = script.dataset.mode;
  var form = document.getElementById('liff-form');
  var state = document.getElementById('liff-state');
  var hold = document.getElementById('liff-hold');
  var again = document.getElementById('liff-again');
  var mine = document.getElementById('liff-mine');
  var title = document.getElementById('liff-title');
  var asked = '';
  var refused = form && form.dataset.refused;
  /* The questions that were answered here before it was known who answers. */
  var touched = {};
  var ready = false;
  var waiting = false;
  var failed = '';
  var WORDS = {
    wait: 'LINEで確かめています…',
    hold: 'LINEで確かめています。終わりしだい、登録します',
    refused: '確かめられました。もう一度「この内容で登録する」を押してください',
    known: 'いまの登録内容を表示しました',
    sdk: 'LINEにつながりませんでした。電波のよいところで、LINEのトークからもう一度ひらいてください',
    login: 'どなたの登録かを、まだLINEで確かめていません。下のボタンから確かめてください'
  };

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }
  function say(words, kind) {
    if (!state) return;
    state.textContent = words;
    state.className = 'liff-state' + (kind ? ' ' + kind : '');
  }
  function fail(words, offer) {
    if (!form) return;
    failed = words;
    say(words, 'warn');
    hold.textContent = '';
    if (again) again.hidden = !offer;
    if (waiting) {
      waiting = false;
      state.tabIndex = -1;
      state.focus();
    }
  }
  /* ---- the form ---- */
  function key(input) {
    var match = /^answers\[([^\]]*)\]/.exec(input.name);
    return match ? match[1] : null;
  }
  /* What was answered here stays. Whoever ticked one of several did not see the others: these are ticked, too. */
  function fill(answers, registered) {
    all('input.tick', form).forEach(function (input) {
      var given = answers[key(input)] || [];
      var checked = given.indexOf(input.value) >= 0 ||
        (registered && !given.length && input.value === '_none');
      if (!touched[key(input)]) input.checked = checked;
      else if (input.type === 'checkbox' && checked) input.checked = true;
    });
    all('[data-part]', form).forEach(function (control) {
      if (touched[key(control)]) return;
      var given = answers[key(control)] || [];
      put(control, given.length ? part(control.dataset.part, given[0]) : '');
    });
    openChosen();
  }
  /* 2026-05-01 in three fields. */
  function part(name, value) {
    var at = { year: 0, month: 1, day: 2 }[name];
    var parts = value.split('-');
    if (name === 'text' || parts.length < at + 1) return name === 'text' ? value : '';
    return at ? String(Number(parts[at])) : parts[0];
  }
  function put(control, value) {
    control.value = value;
    if (value && control.value !== value) {
      /* Registered elsewhere, and not in the list: it must not get lost. */
      var option = document.createElement('option');
      option.value = value;
      option.textContent = value + '年';
      control.appendChild(option);
      control.value = value;
    }
  }
  function openChosen() {
    all('details', form).forEach(function (details) {
      if (details.closest('[data-tree]')) details.open = !!details.querySelector('input:checked');
    });
  }
  function words(input) {
    var label = input.closest('label');
    var title = label.querySelector('.card-title') || label.querySelector('span');
    var around = input.closest('details');
    var summary = around && around.querySelector('summary > span');
    var text = title.textContent.trim();
    return summary && text.indexOf(summary.textContent) !== 0 ? summary.textContent + ' ' + text : text;
  }
  function said(control) {
    if (!control.value) return '';
    return control.dataset.part === 'text' ? control.value : control.options[control.selectedIndex].textContent;
  }
  function showMine() {
    all('[data-answer]', mine).forEach(function (cell) {
      var parts = all('[data-part]', form).filter(function (control) {
        return key(control) === cell.dataset.answer;
      });
      if (parts.length) {
        cell.textContent = parts.map(said).join('') || '登録していません';
        return;
      }
      var chosen = all('input.tick:checked', form).filter(function (input) {
        return key(input) === cell.dataset.answer;
      });
      cell.textContent = chosen.map(words).join('、') || '選んでいません';
    });
    asked = title.textContent;
    title.textContent = mine.dataset.title;
    document.getElementById('liff-intro').hidden = true;
    form.hidden = true;
    mine.hidden = false;
  }
  function change() {
    title.textContent = asked;
    mine.hidden = true;
    form.hidden = false;
    var first = form.querySelector('fieldset');
    if (first) first.focus();
  }

  function search(tree) {
    var box = tree.querySelector('.search');
    var input = box.querySelector('input');
    var told = tree.querySelector('.tree-state');
    var choices = all('label.choice', tree);
    var groups = all('details', tree);
    /* 旭ヶ丘, 旭ケ丘 and 旭が丘 are one place. */
    function plain(text) {
      return text.normalize('NFKC').toLowerCase().replace(/[\sヶケが]/g, function (c) {
        return c.trim() ? 'ヶ' : '';
      });
    }
    box.hidden = false;
    input.addEventListener('input', function () {
      var wanted = plain(input.value);
      var count = 0;
      choices.forEach(function (choice) {
        var around = '';
        for (var up = choice.closest('details'); up; up = up.parentElement.closest('details')) {
          around += up.querySelector('summary > span').textContent;
        }
        var hit = !wanted || plain(choice.textContent).indexOf(wanted) >= 0 || plain(around).indexOf(wanted) >= 0;
        choice.hidden = !hit;
        if (hit) count += 1;
      });
      groups.forEach(function (group) {
        var some = group.querySelector('label.choice:not([hidden])');
        group.hidden = !some;
        group.open = wanted ? !!some : !!group.querySelector('input:checked');
      });
      told.textContent = !wanted ? '' : count ? count + '件あります' : '当てはまるところがありません。ほかの言い方でさがしてください';
    });
    input.addEventListener('keydown', function (event) {
      if (event.key === 'Enter') event.preventDefault();
    });
  }

  function submit(event) {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (!ready && !failed) {
      event.preventDefault();
      waiting = true;
      hold.textContent = WORDS.hold;
      return;
    }
    form.dataset.sent = 'yes';
  }

  /* ---- LINE ---- */
  function opened(answer) {
    form.elements.namedItem('session').value = answer.session;
    ready = true;
    failed = '';
    if (again) again.hidden = true;
    say(refused === 'whole' ? WORDS.refused : '');
    if (!refused) fill(answer.answers, answer.registered);
    if (waiting) {
      form.dataset.sent = 'yes';
      form.submit();
    } else if (!refused && answer.registered && !Object.keys(touched).length) {
      showMine();
      say(WORDS.known, 'visually-hidden');
    }
  }

  all('[data-tree]').forEach(search);
  if (form) {
    form.addEventListener('change', function (event) {
      if (key(event.target)) touched[key(event.target)] = true;
    });
    form.addEventListener('submit', submit);
    window.addEventListener('pageshow', function () { delete form.dataset.sent; });
    document.getElementById('liff-change').addEventListener('click', change);
    say(WORDS.wait, 'visually-hidden');
  }
  var first = document.getElementById('liff-errors') || document.getElementById('liff-done');
  if (first) first.focus();

  if (window.kairanLine) {
    window.kairanLine({
      script: script,
      words: WORDS,
      asks: mode === 'ask',
      ready: function () { return ready; },
      again: again,
      opened: opened,
      fail: fail
    });
  } else {
    fail(WORDS.sdk, false);
  }
})();
