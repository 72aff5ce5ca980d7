/* A stand-in for LINE's LIFF script, served by kairan-sandbox. It offers the same
 * names as window.liff, and asks the sandbox where the original asks LINE. */
(function () {
  'use strict';
  var script = document.currentScript ||
    document.querySelector('script[src*="/liff/edge/"][src$="/sdk.js"]');
  var base = script && script.src ? new URL(script.src).origin : location.origin;
  var config = null;
  var session = null;
  var resolveReady;
  var ready = new Promise(function (resolve) { resolveReady = resolve; });

  function fail(code, message) {
    var error = new Error(message);
    error.code = code;
    return error;
  }

  /* Several phones may stand on one page: each frame keeps its own session. */
  function place() {
    if (window.parent !== window && !window.name) {
      var parts = new Uint32Array(2);
      crypto.getRandomValues(parts);
      window.name = 'liff-' + parts[0].toString(36) + parts[1].toString(36);
    }
    return 'liff-stand-in:' + config.liffId + ':' + (window.parent !== window ? window.name : '');
  }

  function load() {
    var stores = [sessionStorage, localStorage];
    for (var i = 0; i < stores.length; i++) {
      var kept = stores[i].getItem(place());
      if (kept) {
        var known = JSON.parse(kept);
        if (known.until > Date.now()) return known;
        stores[i].removeItem(place());
      }
    }
    return null;
  }

  function save(known) {
    session = known;
    (known.inClient ? sessionStorage : localStorage).setItem(place(), JSON.stringify(known));
  }

  function forget() {
    session = null;
    sessionStorage.removeItem(place());
    localStorage.removeItem(place());
  }

  function decode(part) {
    var binary = atob(part.replace(/-/g, '+').replace(/_/g, '/'));
    var bytes = Uint8Array.from(binary, function (c) { return c.charCodeAt(0); });
    return JSON.parse(new TextDecoder().decode(bytes));
  }

  function call(path, options) {
    options = options || {};
    options.headers = Object.assign({}, options.headers);
    if (session) options.headers.Authorization = 'Bearer ' + session.accessToken;
    return fetch(base + path, options).then(function (response) {
      return response.json().then(function (body) {
        if (response.ok) return body;
        throw fail(String(response.status), body.message || body.error_description || 'request failed');
      });
    });
  }

  function post(path, body) {
    return call(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body)
    });
  }

  function tell(message) {
    message.liffId = config && config.liffId;
    if (window.parent !== window) window.parent.postMessage(message, '*');
  }

  /* In LINE's browser the primary redirect brings the session in the hash. */
  function takeHash() {
    var hash = new URLSearchParams(location.hash.slice(1));
    if (!hash.has('context_token') || !hash.has('access_token')) return;
    save({
      inClient: true,
      accessToken: hash.get('access_token'),
      idToken: hash.get('id_token'),
      context: decode(hash.get('context_token')),
      until: Date.now() + 12 * 3600 * 1000
    });
    history.replaceState(history.state, '', location.pathname + location.search);
  }

  /* In another browser the login page sends the person back with a code. */
  function takeCode() {
    var here = new URL(location.href);
    var query = here.searchParams;
    if (!query.has('liffClientId')) return Promise.resolve();
    var code = query.get('code');
    var redirect = query.get('liffRedirectUri');
    var expected = sessionStorage.getItem(place() + ':state');
    sessionStorage.removeItem(place() + ':state');
    var right = code && expected && expected === query.get('state');
    ['code', 'state', 'error', 'error_description', 'liffClientId', 'liffRedirectUri',
      'friendship_status_changed'].forEach(function (name) { query.delete(name); });
    history.replaceState(history.state, '', here.pathname + here.search + here.hash);
    if (!right) return Promise.resolve();
    return post('/_sandbox/liff/token', {
      liff_id: config.liffId, code: code, redirect_uri: redirect
    }).then(function (answer) {
      save({
        inClient: false,
        accessToken: answer.access_token,
        idToken: answer.id_token,
        context: answer.context,
        until: Date.now() + answer.expires_in * 1000
      });
    });
  }

  /* Where liff.state leads to: below the address of the primary redirect. */
  function secondary(state) {
    var here = new URL(location.href);
    var parts = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(state);
    var path = parts ? parts[1] : '';
    here.searchParams.delete('liff.state');
    if (path) {
      here.pathname = here.pathname.replace(/\/+$/, '') + (path.charAt(0) === '/' ? '' : '/') + path;
    }
    new URLSearchParams((parts && parts[2]) || '').forEach(function (value, name) {
      here.searchParams.append(name, value);
    });
    here.hash = (parts && parts[3]) || '';
    return here.href;
  }

  function leave() { return new Promise(function () {}); }

  function init(given, done, failed) {
    var began = Promise.resolve().then(function () {
      if (!given || !given.liffId) throw fail('INVALID_CONFIG', 'liffId is necessary for liff.init()');
      config = given;
      liff.id = given.liffId;
      takeHash();
      return takeCode();
    }).then(function () {
      session = session || load();
      var state = new URL(location.href).searchParams.get('liff.state');
      if (state) {
        location.replace(secondary(state));
        return leave();
      }
      if (config.withLoginOnExternalBrowser && !session) {
        liff.login();
        return leave();
      }
      resolveReady();
      return undefined;
    });
    began.then(done || function () {}, failed || function () {});
    return began;
  }

  function need(inClientOnly) {
    if (!session) throw fail('UNAUTHORIZED', 'Need access_token for api call, Please login first');
    if (inClientOnly && !session.inClient) throw fail('FORBIDDEN', 'not available outside LINE');
  }

  function later(work) { return new Promise(function (resolve) { resolve(work()); }); }

  var liff = {
    id: null,
    ready: ready,
    init: init,
    getVersion: function () { return '2.31.0'; },
    getOS: function () {
      var agent = navigator.userAgent;
      return /iPhone|iPad|iPod/.test(agent) ? 'ios' : /Android/.test(agent) ? 'android' : 'web';
    },
    getLanguage: function () { return navigator.language; },
    getAppLanguage: function () { return navigator.language; },
    getLineVersion: function () { return liff.isInClient() ? '15.0.0' : null; },
    isInClient: function () { return !!(session && session.inClient); },
    isLoggedIn: function () { return !!session; },
    isApiAvailable: function (name) {
      return liff.isInClient() && ['sendMessages', 'closeWindow', 'openWindow'].indexOf(name) >= 0;
    },
    login: function (options) {
      if (liff.isInClient()) return;
      var state = new Uint32Array(4);
      crypto.getRandomValues(state);
      var word = Array.from(state, function (n) { return n.toString(16); }).join('');
      sessionStorage.setItem(place() + ':state', word);
      var query = new URLSearchParams({
        response_type: 'code',
        client_id: config.liffId.split('-')[0],
        redirect_uri: (options && options.redirectUri) || location.href,
        state: word,
        scope: 'openid profile chat_message.write',
        liffId: config.liffId
      });
      location.assign(base + '/oauth2/v2.1/authorize?' + query);
    },
    logout: function () { forget(); },
    getIDToken: function () { return session ? session.idToken : null; },
    getDecodedIDToken: function () {
      return session && session.idToken ? decode(session.idToken.split('.')[1]) : null;
    },
    getAccessToken: function () { return session ? session.accessToken : null; },
    getContext: function () {
      if (session) return session.context;
      return config ? { type: 'external', liffId: config.liffId, viewType: 'full' } : null;
    },
    getProfile: function () { return later(function () { need(); return call('/v2/profile'); }); },
    getFriendship: function () {
      return later(function () { need(); return call('/friendship/v1/status'); });
    },
    sendMessages: function (messages) {
      return later(function () {
        need(true);
        return post('/_sandbox/liff/messages', { messages: messages });
      }).then(function () { tell({ type: 'liff.sendMessages' }); });
    },
    closeWindow: function () {
      if (window.parent !== window) tell({ type: 'liff.closeWindow' });
      else window.close();
    },
    openWindow: function (options) {
      if (!options || !options.url) throw fail('INVALID_ARGUMENT', 'url is necessary');
      if (liff.isInClient() && window.parent !== window) {
        tell({ type: 'liff.openWindow', url: options.url, external: !!options.external });
      } else {
        window.open(options.url, '_blank', 'noopener');
      }
    },
    permission: {
      query: function (name) {
        var granted = session && (session.context.scope || []).indexOf(name) >= 0;
        return Promise.resolve({ state: granted ? 'granted' : 'unavailable' });
      },
      getGrantedAll: function () {
        return Promise.resolve((session && session.context.scope) || []);
      },
      requestAll: function () {
        return Promise.reject(fail('FORBIDDEN', 'only available in LINE MINI Apps'));
      }
    }
  };
  window.liff = liff;
})();
