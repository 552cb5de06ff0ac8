// Texts in Chinese and English. A text may hold {name} for a value.

const LANGUAGES = {zh: 'zh-CN', en: 'en'};
const KEY = 'dangan.language';
let texts = {};
let current = 'zh';

export const language = () => current;
export const otherLanguage = () => (current === 'zh' ? 'en' : 'zh');

export async function useLanguage(wanted) {
  const next = LANGUAGES[wanted] ? wanted : 'zh';
  const answer = await fetch('/text/' + next + '.json');
  if (!answer.ok) throw new Error('no texts for ' + next);
  texts = await answer.json();
  current = next;
  document.documentElement.lang = LANGUAGES[next];
  localStorage.setItem(KEY, next);
}

export const restoreLanguage = () => useLanguage(localStorage.getItem(KEY) ?? 'zh');

export function t(key, values = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

export const has = key => key in texts;

// Dates come as far as they are known: 1962, 1962-01, 1962-01-20.
export function date(text) {
  if (!text) return '';
  if (current !== 'zh') return text;
  const [year, month, day] = text.split('-').map(Number);
  return `${year}年` + (month ? `${month}月` : '') + (day ? `${day}日` : '');
}

export function failure(error) {
  const key = 'failure.' + (error.code ?? 'system');
  return has(key) ? t(key) : t('failure.system');
}
