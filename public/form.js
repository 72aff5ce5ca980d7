/* Forms that residents answer: brings the identity from LINE's script, keeps what is written,
 * shows what follows from an answer, makes photos small. Without it the pages read, fill in and
 * send all the same. Floor: iOS 15. */
(function () {
  'use strict';
  var script = document.currentScript;
  var known = script.dataset.known === 'yes';
  var outside = script.dataset.outside === 'yes';
  var form = document.getElementById('liff-form');
  var state = document.getElementById('liff-state');
  var saved = document.getElementById('form-saved');
  var hold = document.getElementById('liff-hold');
  var again = document.getElementById('liff-again');
  var id = form && form.dataset.form;
  var fresh = form ? form.dataset.fresh === 'yes' : true;
  var ready = known || outside;
  var touched = false;
  var pressed = null;
  var waiting = null;
  var busy = 0;
  var ASKED = 'kairan-asked';
  var DEVICE = 'kairan-form-' + id;
  var WORDS = {
    wait: 'LINEで確かめています…',
    hold: 'LINEで確かめています。終わりしだい、送ります',
    sdk: 'LINEにつながりませんでした。電波のよいところで、LINEのトークからもう一度ひらいてください',
    login: 'どなたの申請かを、まだLINEで確かめていません。下のボタンから確かめてください',
    other: 'LINEで確かめられませんでした。LINEのトークから、もう一度ひらいてください',
    offline: '電波がとどきません。書いた内容は、この電話に残しています',
    unsaved: 'いまは保存できません。書いた内容は、この画面に残っています',
    device: 'この電話に残っていた内容を、もどしました',
    small: '小さくしています…',
    sending: '送っています…',
    uploading: '写真やファイルを送り終えるまで、少し待ってください',
    large: '20MBを超えています。小さくしたものを選んでください',
    here: 'いまいる場所を調べています…',
    nowhere: '場所が分かりませんでした。説明と、緯度・経度を書いてください'
  };

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }
  function say(words, kind) {
    if (!state) return;
    state.textContent = words;
    state.className = 'liff-state' + (kind ? ' ' + kind : '');
  }
  function keep(name, value, where) {
    try {
      where = where || sessionStorage;
      if (value === undefined) return where.getItem(name);
      if (value === null) where.removeItem(name);
      else where.setItem(name, value);
    } catch (e) { /* private browsing: the worst is one question more */ }
    return null;
  }
  function device(value) {
    try { return keep(DEVICE, value, localStorage); } catch (e) { return null; }
  }

  /* ---- what is written ---- */
  function written() {
    var data = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (typeof value === 'string') data.append(name, value);
    });
    return data;
  }
  function follow(answer) {
    var seen = {};
    answer.seen.forEach(function (name) { seen[name] = true; });
    all('[data-field]', form).forEach(function (item) {
      var name = item.dataset.field;
      /* Fields of an item in which nothing is written yet are not among them. */
      if (name.split('.').length < 3) item.hidden = !seen[name];
      else if (seen[name]) item.hidden = false;
      else if (begun(name)) item.hidden = true;
    });
    form.elements.namedItem('seen').value = answer.seen.join(',');
    answer.worked.forEach(function (pair) {
      all('[data-worked-out]', form).forEach(function (output) {
        if (output.dataset.workedOut === pair[0]) output.textContent = pair[1];
      });
    });
  }
  function begun(name) {
    var item = name.split('.').slice(0, 2).join('.') + '.';
    var some = false;
    new FormData(form).forEach(function (value, field) {
      if (value && field.indexOf('answers[' + item) === 0) some = true;
    });
    return some;
  }
  var timer = 0;
  var turn = 0;
  function later() {
    touched = true;
    clearTimeout(timer);
    timer = setTimeout(save, 700);
  }
  function save() {
    if (!id || form.dataset.sent) return;
    var mine = ++turn;
    var data = written();
    fetch('/liff/f/' + id + '/draft', {
      method: 'POST', credentials: 'same-origin', body: data
    }).then(function (response) {
      return response.json().then(function (answer) {
        if (mine !== turn || form.dataset.sent) return;
        if (!response.ok) { saved.textContent = answer.error || WORDS.unsaved; return; }
        follow(answer);
        if (answer.saved) {
          device(null);
          saved.textContent = '保存しました（' + answer.saved + '）';
        } else {
          saved.textContent = '';
        }
      });
    }).catch(function () {
      if (mine !== turn) return;
      /* Only on somebody's own telephone: a computer may be everybody's. */
      if (connected && connected.isInClient()) {
        device(JSON.stringify({ version: data.get('version'), fields: data.toString() }));
        saved.textContent = WORDS.offline;
      } else {
        saved.textContent = WORDS.unsaved;
      }
    });
  }
  function restore() {
    var kept = fresh && device();
    if (!kept) return;
    try { kept = JSON.parse(kept); } catch (e) { return; }
    if (kept.version !== form.elements.namedItem('version').value) return;
    var fields = new URLSearchParams(kept.fields);
    all('input, select, textarea', form).forEach(function (control) {
      if (control.name.indexOf('answers[') !== 0 || control.type === 'hidden' || control.type === 'file') return;
      var given = fields.getAll(control.name);
      if (control.type === 'radio' || control.type === 'checkbox') {
        control.checked = given.indexOf(control.value) >= 0;
      } else {
        var same = all('input, select, textarea', form).filter(function (other) { return other.name === control.name; });
        control.value = given[same.indexOf(control)] || '';
      }
    });
    say(WORDS.device);
    later();
  }

  /* ---- sending ---- */
  function submit(event) {
    pressed = event.submitter || pressed;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (busy) {
      event.preventDefault();
      hold.textContent = WORDS.uploading;
      return;
    }
    if (!ready && !waiting) {
      event.preventDefault();
      waiting = pressed || true;
      hold.textContent = WORDS.hold;
      return;
    }
    clearTimeout(timer);
    turn += 1;
    form.dataset.sent = 'yes';
  }
  function go() {
    var act = document.createElement('input');
    act.type = 'hidden';
    act.name = 'act';
    act.value = waiting.value || 'next';
    form.appendChild(act);
    form.dataset.sent = 'yes';
    form.submit();
  }

  /* ---- photos and files ---- */
  function shrink(file, box) {
    if (box.dataset.photo !== 'small' || !window.createImageBitmap) return Promise.resolve(file);
    return createImageBitmap(file).then(function (picture) {
      var scale = Math.min(1, 2048 / Math.max(picture.width, picture.height));
      var canvas = document.createElement('canvas');
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
      return new Promise(function (done) {
        canvas.toBlob(function (blob) { done(blob && blob.size < file.size ? blob : file); }, 'image/jpeg', 0.85);
      });
    }).catch(function () { return file; });
  }
  function chosen(box, input, told) {
    var file = input.files[0];
    if (!file) return;
    var path = box.dataset.upload;
    busy += 1;
    told.textContent = WORDS.small;
    shrink(file, box).then(function (small) {
      if (small.size > 20e6) throw new Error(WORDS.large);
      told.textContent = WORDS.sending;
      var data = new FormData();
      ['session', 'key', 'version'].forEach(function (name) {
        data.append(name, form.elements.namedItem(name).value);
      });
      data.append('act', 'upload:' + path);
      data.append('file[' + path + ']', small, file.name);
      return fetch('/liff/f/' + id + '/files', {
        method: 'POST', credentials: 'same-origin', headers: { Accept: 'application/json' }, body: data
      });
    }).then(function (response) {
      return response.json().then(function (answer) {
        if (!response.ok) throw new Error(answer.error || WORDS.unsaved);
        added(box, path, answer.file);
        told.textContent = '「' + answer.file.name + '」を足しました';
        later();
      });
    }).catch(function (error) {
      told.textContent = error instanceof TypeError ? WORDS.unsaved : error.message;
    }).then(function () {
      busy -= 1;
      input.value = '';
      hold.textContent = '';
    });
  }
  function element(name, values, inside) {
    var made = document.createElement(name);
    Object.keys(values).forEach(function (key) { made.setAttribute(key, values[key]); });
    (inside || []).forEach(function (child) { made.append(child); });
    return made;
  }
  function added(box, path, file) {
    var inside = [element('input', { type: 'hidden', name: 'answers[' + path + '][]', value: file.id })];
    if (file.width) {
      inside.push(element('img', { src: '/liff/f/' + id + '/files/' + file.id + '/preview', alt: '送る写真：' + file.name, width: 160, height: 120 }));
    }
    inside.push(element('span', { class: 'form-file-name' }, [file.name + '・' + Math.ceil(file.size / 1000) + ' kB']));
    inside.push(element('button', { class: 'btn btn-plain', type: 'submit', name: 'act', value: 'drop:' + path + ':' + file.id, formnovalidate: '', 'aria-label': '「' + file.name + '」を外す' }, ['外す']));
    box.parentElement.querySelector('.form-files').appendChild(element('li', { class: 'form-file' }, inside));
    var label = box.querySelector('label');
    var rest = 0;
    label.textContent = label.textContent.replace(/あと (\d+)/, function (words, n) {
      rest = Number(n) - 1;
      return 'あと ' + rest;
    });
    box.querySelector('input').disabled = rest < 1;
  }

  /* ---- places ---- */
  function place(box) {
    var button = box.querySelector('[data-here]');
    var told = box.querySelector('[data-here-state]');
    if (!navigator.geolocation) return;
    button.hidden = false;
    button.addEventListener('click', function () {
      told.textContent = WORDS.here;
      navigator.geolocation.getCurrentPosition(function (found) {
        box.querySelector('[data-name=latitude]').value = found.coords.latitude.toFixed(6);
        box.querySelector('[data-name=longitude]').value = found.coords.longitude.toFixed(6);
        told.textContent = '場所を入れました（およそ' + Math.round(found.coords.accuracy) + 'mの範囲）';
        later();
      }, function () { told.textContent = WORDS.nowhere; }, { enableHighAccuracy: true, timeout: 15000 });
    });
  }

  /* ---- LINE ---- */
  var connected = null;
  function fail(words, offer) {
    if (ready) return;
    say(words, 'warn');
    if (hold) hold.textContent = '';
    if (again) again.hidden = !offer;
    /* The server says what is missing, with everything that was typed. */
    if (waiting) go();
  }
  function load(address) {
    return new Promise(function (resolve, reject) {
      var sdk = document.createElement('script');
      sdk.src = address;
      sdk.nonce = script.nonce || script.getAttribute('nonce') || '';
      sdk.onload = function () { if (window.liff) resolve(window.liff); else reject(new Error('no liff')); };
      sdk.onerror = function () { reject(new Error('no script')); };
      document.head.appendChild(sdk);
    });
  }
  function login(liff) {
    keep(ASKED, String(Date.now()));
    liff.login({ redirectUri: location.href });
  }
  function mayAsk() {
    return !(Date.now() - Number(keep(ASKED) || 0) < 5 * 60 * 1000);
  }
  function identify(liff) {
    if (!liff.isLoggedIn()) {
      if (outside || known) return undefined;
      if (mayAsk()) {
        login(liff);
      } else {
        if (again) again.onclick = function () { login(liff); };
        fail(WORDS.login, true);
      }
      return undefined;
    }
    return fetch('/liff/session', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id_token: liff.getIDToken() })
    }).then(function (response) {
      return response.json().then(function (answer) {
        if (response.ok) {
          keep(ASKED, null);
          opened(answer);
        } else if (response.status === 401 && !liff.isInClient() && mayAsk() && !ready) {
          liff.logout();
          login(liff);
        } else {
          fail(answer.message || WORDS.other, false);
        }
      });
    });
  }
  function opened(answer) {
    /* Drawn for nobody, or for another resident of this browser: once more, with their own. */
    if (fresh && !touched && !waiting && !(known && answer.same)) {
      /* Asked for anew, and not sent anew. */
      location.replace(location.href);
      return;
    }
    all('input[name=session]').forEach(function (field) { field.value = answer.session; });
    ready = true;
    say('');
    if (again) again.hidden = true;
    if (waiting) go();
    else if (touched) save();
  }

  all('[data-close]').forEach(function (link) {
    link.addEventListener('click', function (event) {
      if (connected && connected.isInClient()) {
        event.preventDefault();
        connected.closeWindow();
      }
    });
  });
  if (form) {
    all('button[type=submit]', form).forEach(function (button) {
      button.addEventListener('click', function () { pressed = button; });
    });
    form.addEventListener('submit', submit);
    window.addEventListener('pageshow', function () { delete form.dataset.sent; });
  }
  if (form && id) {
    form.addEventListener('input', later);
    form.addEventListener('change', later);
    all('[data-upload]', form).forEach(function (box) {
      var input = box.querySelector('input[type=file]');
      box.querySelector('button').hidden = true;
      input.addEventListener('change', function (event) {
        event.stopPropagation();
        chosen(box, input, box.querySelector('[data-upload-state]'));
      });
    });
    all('[data-place]', form).forEach(place);
    restore();
  }
  if (!ready) say(WORDS.wait, 'visually-hidden');
  var first = document.getElementById('liff-errors') || document.getElementById('liff-done');
  if (first) first.focus();
  else if (form && !fresh) {
    var title = document.getElementById('liff-title');
    if (title) title.focus();
  }

  load(script.dataset.sdk).then(function (liff) {
    return liff.init({ liffId: script.dataset.liffId }).then(function () {
      connected = liff;
      return identify(liff);
    });
  }).catch(function () { fail(WORDS.sdk, false); });
})();
