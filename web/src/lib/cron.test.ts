// The next times of cron expressions, in time zones whose clocks change.
import { describe, expect, it } from "vitest";
import { nextTimes } from "./cron";

const FROM = Date.parse("2026-11-22T22:30:00Z");
const times = (expression: string, zone = "UTC", count = 3, from = FROM) => nextTimes(expression, zone, count, from).map((time) => time.toISOString().slice(0, 16));

describe("nextTimes", () => {
  it.each([
    ["30 7 * * 1-5", "Europe/Berlin", ["2026-11-23T06:30", "2026-11-24T06:30", "2026-11-25T06:30"]],
    ["0 */8 * * *", "UTC", ["2026-11-23T00:00", "2026-11-23T08:00", "2026-11-23T16:00"]],
    ["15 9 1,15 * *", "UTC", ["2026-12-01T09:15", "2026-12-15T09:15", "2027-01-01T09:15"]],
    ["0 12 * jan,mar mon", "UTC", ["2027-01-04T12:00", "2027-01-11T12:00", "2027-01-18T12:00"]],
    ["0 0 29 2 *", "UTC", ["2028-02-29T00:00"]],
    ["5 10 * * 7", "UTC", ["2026-11-29T10:05", "2026-12-06T10:05", "2026-12-13T10:05"]],
    ["30 23 * * *", "America/New_York", ["2026-11-23T04:30", "2026-11-24T04:30", "2026-11-25T04:30"]],
  ])("%s in %s", (expression, zone, expected) => {
    expect(times(expression, zone, expected.length)).toEqual(expected);
  });

  it("follows the clocks when they change", () => {
    expect(times("0 8 * * *", "Europe/Berlin", 2, Date.parse("2026-10-24T12:00:00Z"))).toEqual(["2026-10-25T07:00", "2026-10-26T07:00"]);
    expect(times("30 2 * * *", "Europe/Berlin", 1, Date.parse("2026-03-28T12:00:00Z"))).toEqual(["2026-03-30T00:30"]);
  });

  it.each(["0 9 L * *", "0 0 9 * * *", "70 9 * * *", "0 9 * * mon#2", "", "5-1 * * * *", "*/0 * * * *"])("says nothing of what it does not read: %s", (expression) => {
    expect(times(expression)).toEqual([]);
  });

  it("says nothing of a place that is none", () => {
    expect(times("* * * * *", "Moon/Base")).toEqual([]);
  });
});
