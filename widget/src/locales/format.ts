/** Times, days and numbers in a language. Built once per language: Intl's constructors are slow. */

/** All that is formatted, not translated. */
export interface Format {
  /** `10:42`. */
  time(at: number): string;
  /** For day separators: today, yesterday, a weekday within the week, else a date. */
  day(at: number, now: number): string;
  /** For lists: the time today, else the shortest day. */
  brief(at: number, now: number): string;
  /** Day and time in full, for tooltips and screen readers. */
  full(at: number): string;
  /** `4:05`, `1:04:05`. */
  duration(seconds: number): string;
  number(value: number): string;
  /** The name of a language in that language's own words. */
  language(tag: string): string;
}

const dayMs = 86_400_000;

/** Whole calendar days from `at` to `now` where the reader is. */
export function daysBetween(at: number, now: number): number {
  const midnight = (time: number): number => {
    const date = new Date(time);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((midnight(now) - midnight(at)) / dayMs);
}

/** The formats of a language. @param tag BCP 47 */
export function createFormat(tag: string): Format {
  const formatter = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(tag, options);
  const time = formatter({ hour: 'numeric', minute: '2-digit' });
  const weekday = formatter({ weekday: 'long' });
  const weekdayBrief = formatter({ weekday: 'short' });
  const date = formatter({ day: 'numeric', month: 'long' });
  const dateBrief = formatter({ day: 'numeric', month: 'short' });
  const dateYear = formatter({ day: 'numeric', month: 'long', year: 'numeric' });
  const dateYearBrief = formatter({ day: 'numeric', month: 'numeric', year: '2-digit' });
  const full = formatter({ dateStyle: 'full', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const numbers = new Intl.NumberFormat(tag);
  const two = new Intl.NumberFormat(tag, { minimumIntegerDigits: 2 });
  const capital = (text: string): string => text.slice(0, 1).toLocaleUpperCase(tag) + text.slice(1);
  const sameYear = (at: number, now: number): boolean =>
    new Date(at).getFullYear() === new Date(now).getFullYear();

  return {
    time: (at) => time.format(at),
    day(at, now) {
      const days = daysBetween(at, now);
      if (days === 0 || days === 1) return capital(relative.format(-days, 'day'));
      if (days > 1 && days < 7) return capital(weekday.format(at));
      return (sameYear(at, now) ? date : dateYear).format(at);
    },
    brief(at, now) {
      const days = daysBetween(at, now);
      if (days <= 0) return time.format(at);
      if (days === 1) return capital(relative.format(-1, 'day'));
      if (days < 7) return weekdayBrief.format(at);
      return (sameYear(at, now) ? dateBrief : dateYearBrief).format(at);
    },
    full: (at) => full.format(at),
    duration(seconds) {
      const whole = Math.max(0, Math.floor(seconds));
      const hours = Math.floor(whole / 3600);
      const minutes = Math.floor((whole % 3600) / 60);
      const rest = two.format(whole % 60);
      return hours > 0
        ? `${numbers.format(hours)}:${two.format(minutes)}:${rest}`
        : `${numbers.format(minutes)}:${rest}`;
    },
    number: (value) => numbers.format(value),
    language: (other) => new Intl.DisplayNames([other], { type: 'language' }).of(other) ?? other,
  };
}
