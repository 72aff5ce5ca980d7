/* Who holds the telephone, by LINE's script: for liff.js and form.js. Floor: iOS 15. */
(function () {
  'use strict';
  var ASKED = 'kairan-asked';
  var OTHER = 'LINEで確かめられませんでした。LINEのトークから、もう一度ひらいてください';

  function keep(value) {
    try {
      if (value === undefined) return sessionStorage.getItem(ASKED);
      if (value === null) sessionStorage.removeItem(ASKED);
      else sessionStorage.setItem(ASKED, value);
    } catch (e) { /* private browsing: the worst is one question more */ }
    return null;
  }
  function load(script) {
    return new Promise(function (resolve, reject) {
      var sdk = document.createElement('script');
      sdk.src = script.dataset.sdk;
      sdk.nonce = script.nonce || script.getAttribute('nonce') || '';
      sdk.onload = function () { if (window.liff) resolve(window.liff); else reject(new Error('no liff')); };
      sdk.onerror = function () { reject(new Error('no script')); };
      document.head.appendChild(sdk);
    });
  }
  function login(liff) {
    keep(String(Date.now()));
    liff.login({ redirectUri: location.href });
  }
  function mayAsk() {
    return !(Date.now() - Number(keep() || 0) < 5 * 60 * 1000);
  }
  function identify(page, liff) {
    if (!liff.isLoggedIn()) {
      if (page.optional) return undefined;
      if (mayAsk()) {
        login(liff);
      } else {
        if (page.again) page.again.onclick = function () { login(liff); };
        page.fail(page.words.login, true);
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
          keep(null);
          page.opened(answer);
        } else if (response.status === 401 && !liff.isInClient() && mayAsk() && !page.ready()) {
          /* The token kept by this browser is too old: a new one, once. */
          liff.logout();
          login(liff);
        } else {
          page.fail(answer.message || OTHER, false);
        }
      });
    });
  }

  /* A page's own script begins it; answers whether the page stands within LINE. */
  window.kairanLine = function (page) {
    var connected = null;
    function inside() {
      return !!connected && connected.isInClient();
    }
    Array.prototype.forEach.call(document.querySelectorAll('[data-close]'), function (link) {
      link.addEventListener('click', function (event) {
        if (!inside()) return;
        event.preventDefault();
        connected.closeWindow();
      });
    });
    load(page.script).then(function (liff) {
      return liff.init({ liffId: page.script.dataset.liffId }).then(function () {
        connected = liff;
        return page.asks ? identify(page, liff) : undefined;
      });
    }).catch(function () { page.fail(page.words.sdk, false); });
    return inside;
  };
})();
