// The login page.

import * as api from './api.js';
import {h, replace} from './dom.js';
import {failure, t} from './i18n.js';

export function showLogin(root, {notice, onLogin, languageSwitch}) {
  const name = h('input', {id: 'name', name: 'name', autocomplete: 'username', required: true, autocapitalize: 'none', spellcheck: 'false'});
  const password = h('input', {id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: true});
  const message = h('p', {class: 'message', role: 'alert'});
  const button = h('button', {type: 'submit', class: 'primary'}, t('login.do'));
  if (notice) message.append(t(notice));

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    button.textContent = t('login.doing');
    message.className = 'message';
    replace(message);
    try {
      onLogin(await api.login(name.value.trim(), password.value));
    } catch (error) {
      message.className = 'message error';
      message.textContent = failure(error);
      password.value = '';
      (error.code === 'login' ? password : name).focus();
    } finally {
      button.disabled = false;
      button.textContent = t('login.do');
    }
  }

  replace(root, h('main', {class: 'login'},
    h('form', {onsubmit: submit},
      h('header', {}, h('h1', {}, t('title')), h('p', {}, t('subtitle'))),
      h('label', {for: 'name'}, t('login.name')), name,
      h('label', {for: 'password'}, t('login.password')), password,
      message, button),
    h('footer', {}, languageSwitch())));
  document.title = t('title');
  name.focus();
}
