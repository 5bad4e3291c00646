/** How figures, times and lengths of time are written. Nothing here invents a figure: what is not known is a dash. */
export type Locale = 'zh-CN' | 'en';
export const UNKNOWN = '—';

const clocks = new Map<string, Intl.DateTimeFormat>();
function clockOf(locale: Locale, timeZone: string, hasSeconds: boolean): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone} ${hasSeconds}`;
  const found =
    clocks.get(key) ??
    new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
      hour: '2-digit',
      minute: '2-digit',
      ...(hasSeconds ? { second: '2-digit' } : {}),
      hourCycle: 'h23',
      timeZone,
    });
  clocks.set(key, found);
  return found;
}

/** `14:35`, by the hospital's clock. */
export const clockTime = (at: number, locale: Locale, timeZone: string): string => clockOf(locale, timeZone, false).format(at);
export const clockSeconds = (at: number, locale: Locale, timeZone: string): string => clockOf(locale, timeZone, true).format(at);

/** `40 s`, `48 min`, `3 h 25`: rounded down, so that a person is never told that there is more time than there is. */
export function duration(ms: number, locale: Locale): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const isEnglish = locale === 'en';
  if (seconds < 60) return isEnglish ? `${seconds} s` : `${seconds} 秒`;
  if (minutes < 60) return isEnglish ? `${minutes} min` : `${minutes} 分钟`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return isEnglish ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${Math.floor(hours / 24)} 天 ${hours % 24} 小时`;
  const rest = String(minutes % 60).padStart(2, '0');
  return isEnglish ? `${hours} h ${rest}` : `${hours} 小时 ${rest}`;
}

export const ago = (ms: number, locale: Locale): string => (locale === 'en' ? `${duration(ms, locale)} ago` : `${duration(ms, locale)}前`);

/** Millilitres to the precision that a scale justifies. */
export const volume = (ml: number | undefined): string =>
  ml === undefined ? UNKNOWN : ml < 10 ? (Math.round(ml * 10) / 10).toString() : Math.round(ml).toString();
export const rate = (mlPerHour: number | undefined): string =>
  mlPerHour === undefined ? UNKNOWN : mlPerHour < 10 ? (Math.round(mlPerHour * 10) / 10).toString() : Math.round(mlPerHour).toString();

/** A bound is shown where it could change what a person does: from a tenth of what remains on. */
export const boundMatters = (ml: number | undefined, bound: number | undefined): bound is number =>
  ml !== undefined && bound !== undefined && bound >= 1 && bound >= ml * 0.1;
