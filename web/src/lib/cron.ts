// The next times of a cron expression in a time zone, for showing them. The server alone decides when something fires.

/** How far ahead is looked, in days: the 29th of February comes within these. */
const DAYS_AHEAD = 366 * 4 + 2;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Field {
  least: number;
  most: number;
  names?: { list: readonly string[]; first: number };
}

const FIELDS: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: { list: MONTHS, first: 1 } },
  { least: 0, most: 7, names: { list: WEEKDAYS, first: 0 } },
];

/** The next `count` times after `from` (milliseconds) of an expression of five fields; none where it says more than this reads. */
export function nextTimes(expression: string, zone: string, count: number, from: number): Date[] {
  const parts = expression.trim().split(/\s+/);
  const sets = parts.length === FIELDS.length ? FIELDS.map((field, index) => valuesOf(parts[index] ?? "", field)) : [];
  const [minutes, hours, days, months, weekdays] = sets;
  const clock = clockOf(zone);
  if (!clock || !minutes || !hours || !days || !months || !weekdays) return [];
  const found: Date[] = [];
  const today = new Date(clock(from));
  for (let ahead = 0; ahead < DAYS_AHEAD && found.length < count; ahead += 1) {
    const day = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + ahead));
    const isDay = months.has(day.getUTCMonth() + 1) && days.has(day.getUTCDate()) && (weekdays.has(day.getUTCDay()) || (day.getUTCDay() === 0 && weekdays.has(7)));
    if (!isDay) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const time = instantOf(day.getTime() + (hour * 60 + minute) * 60_000, clock);
        if (time !== undefined && time > from && found.length < count) found.push(new Date(time));
      }
    }
  }
  return found;
}

/** What the clocks of `zone` show at a time, as if they showed UTC; undefined where there is no such zone. */
function clockOf(zone: string): ((time: number) => number) | undefined {
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
    return (time) => {
      const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
      return Date.UTC(part["year"] ?? 0, (part["month"] ?? 1) - 1, part["day"] ?? 1, part["hour"] ?? 0, part["minute"] ?? 0, part["second"] ?? 0);
    };
  } catch {
    return undefined;
  }
}

/** When the clocks show `wall`; undefined where they leave it out. */
function instantOf(wall: number, clock: (time: number) => number): number | undefined {
  const guess = wall - (clock(wall) - wall);
  const time = wall - (clock(guess) - guess);
  return clock(time) === wall ? time : undefined;
}

function valuesOf(text: string, field: Field): Set<number> | undefined {
  const values = new Set<number>();
  for (const part of text.toLowerCase().split(",")) {
    const [range = "", step = "1", ...rest] = part.split("/");
    const ends = range === "*" || range === "?" ? [field.least, field.names?.list === WEEKDAYS ? 6 : field.most] : range.split("-").map((end) => numberOf(end, field));
    const [first, last = part.includes("/") ? field.most : first] = ends;
    if (rest.length > 0 || ends.length > 2 || first === undefined || last === undefined || !/^[1-9]\d*$/.test(step) || first > last) return undefined;
    for (let value = first; value <= last; value += Number(step)) values.add(value);
  }
  return values.size > 0 ? new Set([...values].toSorted((a, b) => a - b)) : undefined;
}

function numberOf(text: string, { least, most, names }: Field): number | undefined {
  const named = names ? names.list.indexOf(text) : -1;
  const value = named >= 0 && names ? named + names.first : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}
