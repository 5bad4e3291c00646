import { createI18n } from 'vue-i18n';
import type { Locale } from './domain/format.ts';
import { en } from './locales/en.ts';
import { zhCN } from './locales/zh-CN.ts';

const KEY = 'wardline.language';
const kept = localStorage.getItem(KEY);
const first: Locale = kept === 'en' || kept === 'zh-CN' ? kept : navigator.language.startsWith('zh') ? 'zh-CN' : 'en';

export const i18n = createI18n({ legacy: false, locale: first as string, fallbackLocale: 'en', messages: { en, 'zh-CN': zhCN } });
document.documentElement.lang = first;

export function speak(locale: Locale): void {
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
  localStorage.setItem(KEY, locale);
}
