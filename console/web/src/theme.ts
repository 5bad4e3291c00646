import { ref, watchEffect } from 'vue';

export const themes = ['auto', 'light', 'dark', 'night'] as const;
export type Theme = (typeof themes)[number];

const KEY = 'wardline.theme';
const isTheme = (word: string | null): word is Theme => themes.includes(word as Theme);
const kept = localStorage.getItem(KEY);
export const theme = ref<Theme>(isTheme(kept) ? kept : 'auto');

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');
const isSystemDark = ref(prefersDark.matches);
prefersDark.addEventListener('change', ({ matches }) => {
  isSystemDark.value = matches;
});

watchEffect(() => {
  document.documentElement.dataset.theme = theme.value === 'auto' ? (isSystemDark.value ? 'dark' : 'light') : theme.value;
  localStorage.setItem(KEY, theme.value);
});
