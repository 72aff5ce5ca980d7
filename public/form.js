/* Forms that residents answer: keeps what is written, shows what follows from an answer, makes
 * photos small; who answers comes from line.js. Without either the pages read, fill in and send
 * all the same. Floor: iOS 15. */
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
  /* None where nothing is kept: a correction, and who asks a list whether they are on it. */
  var id = form && form.dataset.form;
  /* A tester tries a draft: nothing is kept, on the device either. */
  var trial = !!form && form.dataset.trial === 'yes';
  var at = '/liff/f/' + id + (trial ? '/try' : '');
  var fresh = form ? form.dataset.fresh === 'yes' : true;
  var ready = known || outside;
  var touched = false;
  var pressed = null;
  var waiting = null;
  var done = document.getElementById('liff-done');
  var busy = 0;
  var former = null;
  /* Its number, if the page was asked for and may be asked for again. */
  var page = form && form.dataset.page;
  var DEVICE = 'kairan-form-' + (done ? done.dataset.form : id);
  if (document.getElementById('liff-left')) {
    try {
      Object.keys(localStorage).forEach(function (key) {
        if (key.indexOf('kairan-form-') === 0) localStorage.removeItem(key);
      });
    } catch (e) { /* private browsing keeps nothing */ }
  }
  var WORDS = {
    wait: 'LINEで確かめています…',
    hold: 'LINEで確かめています。終わりしだい、送ります',
    /* What somebody has sent is opened in other browsers, too, where nothing has failed. */
    sdk: location.pathname.indexOf('/liff/answers') === 0
      ? 'このページは、LINEのトークからひらきます。LINEでひらいているときは、電波のよいところで、もう一度ひらいてください'
      : 'LINEにつながりませんでした。電波のよいところで、LINEのトークからもう一度ひらいてください',
    login: 'どなたの申請かを、まだLINEで確かめていません。下のボタンから確かめてください',
    offline: '電波がとどきません。書いた内容は、この電話に残しています',
    unsaved: 'いまは保存できません。書いた内容は、この画面に残っています',
    busy: 'いまは保存できません。書いた内容は、この電話に残しています',
    unsent: 'いまは送れませんでした。少したってから、もう一度選んでください',
    device: 'この電話に残っていた内容を、もどしました',
    former: 'この電話に残っていた内容を、もどしています…',
    unbrought: 'この電話に残っている内容を、まだもどせません。電波のよいところで、もう一度ひらいてください',
    whose: '前にこの電話に残した内容は、どなたの分か分からないため、消しました',
    small: '小さくしています…',
    sending: '送っています…',
    uploading: '写真やファイルを送り終えるまで、少し待ってください',
    large: '20MBを超えています。小さくしたものを選んでください',
    here: 'いまいる場所を調べています…',
    nowhere: '場所が分かりませんでした。地図でえらぶか、場所の説明と緯度・経度を書いてください',
    map: '地図を読み込んでいます…',
    mapless: '地図を読み込めませんでした。電波のよいところで、もう一度ためしてください',
    pin: '地図を動かして、まん中のピンを場所に合わせてください',
    pinned: 'ピンの場所を入れました',
    closer: '地図をもっと大きくして、ピンを場所に合わせてください'
  };

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }
  function say(words, kind) {
    if (!state) return;
    state.textContent = words;
    state.className = 'liff-state' + (kind ? ' ' + kind : '');
  }
  function device(value) {
    try {
      if (value === undefined) return localStorage.getItem(DEVICE);
      if (value === null) localStorage.removeItem(DEVICE);
      else localStorage.setItem(DEVICE, value);
    } catch (e) { /* private browsing: what is written stays on the page alone */ }
    return null;
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
  /* Words were written so often, and the last of them were kept, or sent with the page that was left. */
  var words = 0;
  var kept = 0;
  var left = 0;
  var saving = 0;
  var more = false;
  function later() {
    touched = true;
    words += 1;
    clearTimeout(timer);
    timer = setTimeout(save, 700);
  }
  /* Only on somebody's own telephone: a computer may be everybody's. */
  function here(data) {
    if (!inLine() || former || trial) return false;
    device(JSON.stringify({ version: data.get('version'), person: form.dataset.person, fields: data.toString() }));
    return true;
  }
  /* The page is closed, or another one comes before it: there may be no later. */
  function leave() {
    if (trial || words === kept || words === left) return;
    left = words;
    clearTimeout(timer);
    /* Of a request that hangs nothing is heard here any more. */
    if ((navigator.onLine === false || saving) && !form.dataset.sent) here(written());
    save(true);
  }
  /* Words go to the server. A line that swallows them is given up, so that they are kept here. */
  function draft(data, leaving) {
    var line = new AbortController();
    setTimeout(function () { line.abort(); }, 15000);
    return fetch(at + '/draft', {
      method: 'POST', credentials: 'same-origin', body: data, keepalive: leaving === true, signal: line.signal
    });
  }
  function save(leaving) {
    if (!id || form.dataset.sent) return;
    /* Until they have arrived nothing says so; what the telephone keeps has the last words, too. */
    if (words !== kept && (!device() || !here(written()))) saved.textContent = '';
    /* One after another, so that the last words arrive last; what cannot wait is sent once more. */
    more = saving > 0;
    if (more && leaving !== true) return;
    var mine = ++turn;
    var now = words;
    var data = written();
    saving += 1;
    draft(data, leaving).then(function (response) {
      if (response.status >= 500) throw new Error('busy');
      return response.json().then(function (answer) {
        if (mine !== turn || form.dataset.sent) return;
        if (!response.ok) { saved.textContent = answer.error || WORDS.unsaved; return; }
        follow(answer);
        if (answer.saved) {
          kept = now;
          if (!former) device(null);
          saved.textContent = '保存しました（' + answer.saved + '）';
        } else {
          saved.textContent = '';
        }
      });
    }).catch(function (error) {
      if (mine !== turn || form.dataset.sent) return;
      left = 0;
      if (!here(written())) saved.textContent = WORDS.unsaved;
      else saved.textContent = error.message === 'busy' ? WORDS.busy : WORDS.offline;
    }).then(function () {
      saving -= 1;
      if (saving) return;
      if (waiting && ready) go();
      else if (more) save();
    });
  }
  function restore() {
    var found = (fresh || page) && !trial && device();
    if (!found) return;
    try { found = JSON.parse(found); } catch (e) { return; }
    var fields = new URLSearchParams(found.fields);
    /* Written for another person of the form's list; the former release, whose page this may be,
     * did not say for whom. */
    if (fields.get('ticket') && form.elements.namedItem('ticket').value && found.person !== form.dataset.person) {
      device(null);
      if (!found.person) saved.textContent = WORDS.whose;
      return;
    }
    /* Another version, or another page: only the server knows where the words belong. */
    if (found.version !== form.elements.namedItem('version').value || fields.get('page') !== form.elements.namedItem('page').value) {
      former = found;
      if (ready) bring();
      return;
    }
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

  /* What the device kept of another version or page goes to the server, which knows both, and
   * comes back with the page. */
  function bring() {
    var data = new URLSearchParams(former.fields);
    ['session', 'ticket'].forEach(function (name) {
      var field = form.elements.namedItem(name);
      if (field && field.value) data.set(name, field.value);
    });
    form.inert = true;
    say(WORDS.former);
    draft(data).then(function (response) { return response.json(); }).then(function (answer) {
      if (!answer.saved) throw new Error(answer.error);
      device(null);
      location.replace(location.href);
    }).catch(function () {
      form.inert = false;
      say(WORDS.unbrought, 'warn');
    });
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
    if (saving && !waiting) {
      /* What is kept now must not come after what is sent; a dead line keeps nobody waiting. */
      event.preventDefault();
      clearTimeout(timer);
      waiting = pressed || true;
      setTimeout(go, 2000);
      return;
    }
    goes();
  }
  /* The page goes out with everything that is written. Until it has arrived, the telephone keeps
   * what it keeps, with the last words; the key for back finds the page as it is kept. */
  function goes() {
    clearTimeout(timer);
    turn += 1;
    if (id && device()) here(written());
    if (page) history.replaceState(history.state, '', at + '?page=' + page);
    form.dataset.sent = 'yes';
  }
  function go() {
    if (!waiting || form.dataset.sent) return;
    var act = document.createElement('input');
    act.type = 'hidden';
    act.name = 'act';
    act.value = waiting.value || 'next';
    waiting = null;
    form.appendChild(act);
    goes();
    form.submit();
    form.removeChild(act);
  }

  /* ---- photos and files ---- */
  function shrink(file, box) {
    /* What the server cannot open, as HEIC, is made anew in any case. */
    var plain = /^image\/(jpeg|png)$/.test(file.type);
    var made = box.dataset.photo;
    if (!made || (made === 'whole' && plain) || !window.createImageBitmap) return Promise.resolve(file);
    return createImageBitmap(file).then(function (picture) {
      var scale = Math.min(1, 2048 / Math.max(picture.width, picture.height));
      var canvas = document.createElement('canvas');
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
      return new Promise(function (done) {
        canvas.toBlob(function (blob) {
          if (!blob || (plain && blob.size >= file.size)) done(file);
          else done(new File([blob], plain ? file.name : file.name.replace(/\.\w+$/, '') + '.jpg', { type: blob.type }));
        }, 'image/jpeg', 0.85);
      });
    }).catch(function () { return file; });
  }
  /* Why a file was not taken stands below its field, as what is to mend does elsewhere; no words:
   * it stands there no more. */
  function wrong(box, input, told, words) {
    var error = box.querySelector('[data-upload-error]');
    told.textContent = '';
    if (!error) { told.textContent = words; return; } /* a page of the former release */
    error.querySelector('span').textContent = words;
    error.hidden = !words;
    if (words) {
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-describedby', error.id);
    } else {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
    }
  }
  function chosen(box, input, told) {
    var file = input.files[0];
    if (!file) return;
    var path = box.dataset.upload;
    busy += 1;
    wrong(box, input, told, '');
    told.textContent = WORDS.small;
    shrink(file, box).then(function (small) {
      if (small.size > 20e6) throw WORDS.large;
      told.textContent = WORDS.sending;
      var data = new FormData();
      ['session', 'key', 'version', 'ticket'].forEach(function (name) {
        data.append(name, form.elements.namedItem(name).value);
      });
      data.append('act', 'upload:' + path);
      data.append('file[' + path + ']', small, small.name);
      return fetch('/liff/f/' + id + '/files', {
        method: 'POST', credentials: 'same-origin', headers: { Accept: 'application/json' }, body: data
      });
    }).then(function (response) {
      return response.json().then(function (answer) {
        if (!response.ok) throw answer.error;
        added(box, path, answer.file);
        told.textContent = '「' + answer.file.name + '」を足しました';
        later();
      });
    }).catch(function (error) {
      /* Words are our own; anything else is the line's, or a proxy's page. */
      wrong(box, input, told, typeof error === 'string' ? error : WORDS.unsent);
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
  /* As the server says it of the same file. */
  function sized(bytes) {
    if (bytes < 1e6) return Math.ceil(bytes / 1000) + ' kB';
    return (Math.floor(bytes / 1e5) / 10).toFixed(1) + ' MB';
  }
  function added(box, path, file) {
    var inside = [element('input', { type: 'hidden', name: 'answers[' + path + '][]', value: file.id })];
    if (file.width) {
      inside.push(element('img', { src: '/liff/f/' + id + '/files/' + file.id + '/preview', alt: '送る写真：' + file.name, width: 160, height: 120 }));
    }
    inside.push(element('span', { class: 'form-file-name' }, [file.name + '・' + sized(file.size)]));
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
    var told = box.querySelector('[data-here-state]');
    var north = box.querySelector('[data-name=latitude]');
    var east = box.querySelector('[data-name=longitude]');
    var here = box.querySelector('[data-here]');
    var open = box.querySelector('[data-on-map]');
    var map = null;
    var resizing = false;
    function point() {
      return north.value && east.value && isFinite(north.value) && isFinite(east.value)
        ? [Number(north.value), Number(east.value)] : null;
    }
    function put(latitude, longitude, words) {
      north.value = latitude.toFixed(6);
      east.value = longitude.toFixed(6);
      told.textContent = words;
      later();
    }
    function show() {
      if (map && point()) map.setView(point(), 17, { animate: false });
    }
    /* The pin stands in the middle: whoever moves the map, by finger, tap or key, moves the pin. */
    function moved() {
      if (resizing) return;
      var at = map.getCenter().wrap();
      if (map.getZoom() < 14) told.textContent = WORDS.closer;
      else put(at.lat, at.lng, WORDS.pinned);
    }
    if (navigator.geolocation) {
      here.hidden = false;
      here.addEventListener('click', function () {
        told.textContent = WORDS.here;
        navigator.geolocation.getCurrentPosition(function (found) {
          var at = found.coords;
          put(at.latitude, at.longitude, '');
          show();
          told.textContent = '場所を入れました（およそ' + Math.round(at.accuracy) + 'mの範囲）';
        }, function () { told.textContent = WORDS.nowhere; }, { enableHighAccuracy: true, timeout: 15000 });
      });
    }
    if (!open) return;
    open.hidden = false;
    open.addEventListener('click', function () {
      told.textContent = WORDS.map;
      leaflet().then(function () {
        if (map) return;
        open.hidden = true;
        map = mapIn(box.querySelector('[data-map]'), point());
        map.on('moveend', moved);
        /* The telephone was turned: nobody has moved the pin. */
        window.addEventListener('resize', function () {
          resizing = true;
          map.invalidateSize({ animate: false });
          resizing = false;
        });
        map.on('click', function (event) { map.panTo(event.latlng); });
        told.textContent = WORDS.pin;
        map.getContainer().focus();
        [north, east].forEach(function (field) { field.addEventListener('change', show); });
      }, function () { told.textContent = WORDS.mapless; });
    });
  }
  /* Only who asks for a map loads one. */
  function leaflet() {
    if (window.L) return Promise.resolve();
    return new Promise(function (done, failed) {
      var style = document.createElement('link');
      style.rel = 'stylesheet';
      style.href = '/leaflet/leaflet.css';
      var code = document.createElement('script');
      code.src = '/leaflet/leaflet.js';
      code.onload = done;
      code.onerror = failed;
      document.head.appendChild(style);
      document.head.appendChild(code);
    });
  }
  function mapIn(room, at) {
    var still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    var city = room.dataset.center && room.dataset.center.split(',').map(Number);
    room.hidden = false;
    var map = L.map(room, {
      zoomControl: false, scrollWheelZoom: false, trackResize: false, minZoom: 5, maxZoom: 18,
      zoomAnimation: !still, fadeAnimation: !still, inertia: !still
    }).setView(at || city || [36.5, 137.5], at ? 17 : city ? 14 : 5);
    L.control.zoom({ zoomInTitle: '地図を大きくする', zoomOutTitle: '地図を小さくする' }).addTo(map);
    L.tileLayer(room.dataset.tiles, {
      minZoom: 5, maxZoom: 18,
      attribution: '<a href="https://maps.gsi.go.jp/development/ichiran.html" target="_blank" rel="noopener">地理院タイル</a>'
    }).addTo(map);
    map.attributionControl.setPrefix(false);
    return map;
  }

  /* ---- LINE ---- */
  var inLine = function () { return false; };
  function fail(words, offer) {
    if (ready) return;
    say(words, 'warn');
    if (hold) hold.textContent = '';
    if (again) again.hidden = !offer;
    /* The server says what is missing, with everything that was typed. */
    if (waiting) go();
  }
  function opened(answer) {
    /* Drawn for nobody, or for another resident of this browser: once more, with their own. */
    if ((fresh || page) && !done && !touched && !waiting && !(known && answer.same)) {
      /* Asked for anew, and not sent anew. */
      location.replace(location.href);
      return;
    }
    all('input[name=session]').forEach(function (field) { field.value = answer.session; });
    ready = true;
    say('');
    if (again) again.hidden = true;
    if (waiting) go();
    else if (former) bring();
    else if (touched) save();
  }

  if (form) {
    all('button[type=submit]', form).forEach(function (button) {
      button.addEventListener('click', function () { pressed = button; });
    });
    form.addEventListener('submit', submit);
    form.addEventListener('input', later);
    form.addEventListener('change', later);
    window.addEventListener('pageshow', function (event) {
      delete form.dataset.sent;
      /* It was put aside before the other pages were written. */
      if (event.persisted && page && (known || outside)) location.reload();
    });
    all('[data-place]', form).forEach(place);
  }
  if (form && id) {
    all('[data-upload]', form).forEach(function (box) {
      var input = box.querySelector('input[type=file]');
      box.querySelector('button').hidden = true;
      input.addEventListener('change', function (event) {
        event.stopPropagation();
        chosen(box, input, box.querySelector('[data-upload-state]'));
      });
    });
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', function () {
      if (document.visibilityState === 'hidden') leave();
    });
    window.addEventListener('online', function () { if (words !== kept) later(); });
    restore();
  } else if (form) {
    /* A correction sends its files with the page: they are made small where they stand. */
    all('[data-upload]', form).forEach(function (box) {
      var input = box.querySelector('input[type=file]');
      input.addEventListener('change', function () {
        var file = input.files[0];
        if (!file) return;
        busy += 1;
        shrink(file, box).then(function (small) {
          if (small !== file) {
            var one = new DataTransfer();
            one.items.add(small);
            input.files = one.files;
          }
        }).then(function () {
          busy -= 1;
          hold.textContent = '';
        });
      });
    });
  }
  /* What was sent is nobody's draft any more. */
  if (done && done.dataset.form) device(null);
  if (!ready) say(WORDS.wait, 'visually-hidden');
  var first = document.getElementById('liff-errors') || done;
  if (first) first.focus();
  else if (form && !fresh) {
    var title = document.getElementById('liff-title');
    if (title) title.focus();
  }

  if (window.kairanLine) {
    inLine = window.kairanLine({
      script: script,
      words: WORDS,
      asks: true,
      optional: outside || known,
      ready: function () { return ready; },
      again: again,
      opened: opened,
      fail: fail
    });
  } else {
    fail(WORDS.sdk, false);
  }
})();
