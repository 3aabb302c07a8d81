import { expect, test, vi } from "vitest";
import { ClockSkew } from "./clock-skew";

const HOUR = 3_600_000;

/** Makes a skew whose probes run on `makeProbe` and return `dingtalk.next`. */
function makeSkew() {
  const waiting: { readonly ms: number; readonly call: () => void }[] = [];
  const report = vi.fn<(isOff: boolean, skewMs: number | null) => void>();
  const skew = new ClockSkew({ after: (ms, call) => void waiting.push({ ms, call }), report });
  const dingtalk: { next: number | null } = { next: 0 };
  const probe = async () => dingtalk.next;
  const makeProbe = async () => {
    const [due] = waiting.splice(0);
    due?.call();
    await new Promise(setImmediate);
  };
  return { skew, report, waiting, dingtalk, makeProbe, note: (ms: number | null) => skew.note(ms, probe) };
}

test("the skew is null before three answers, and then their median", () => {
  const { skew, note } = makeSkew();
  note(1_000);
  note(null);
  note(3_000);
  expect(skew.skewMs).toBeNull();
  note(2_000);
  expect(skew.skewMs).toBe(2_000);
});

test("a single answer that is an hour off doesn't change the skew, and causes a probe a minute later", async () => {
  const { skew, report, note, waiting, makeProbe } = makeSkew();
  for (const ms of [0, 0, HOUR]) note(ms);
  expect(skew.skewMs).toBe(0);
  expect(waiting.map(({ ms }) => ms)).toEqual([60_000]);
  await makeProbe();
  expect(waiting, "the probe contradicts it").toEqual([]);
  expect(report).not.toHaveBeenCalled();
});

test("a clock that several answers contradict is probed every minute until it is right, even without traffic", async () => {
  const { skew, report, note, waiting, dingtalk, makeProbe } = makeSkew();
  for (let answers = 0; answers < 9; answers++) note(HOUR);
  expect(skew.skewMs).toBe(HOUR);
  dingtalk.next = null;
  await makeProbe();
  expect(waiting, "a probe without an answer is repeated").toHaveLength(1);
  dingtalk.next = 0;
  let probes = 0;
  for (; waiting.length > 0; probes++) await makeProbe();
  expect(skew.skewMs).toBe(0);
  expect(probes).toBe(5);
  expect(report.mock.calls).toEqual([
    [true, HOUR],
    [false, 0],
  ]);
});

test("answers within a minute of this server's clock cause no probe", () => {
  const { note, waiting } = makeSkew();
  for (let answers = 0; answers < 20; answers++) note(60_000);
  expect(waiting).toEqual([]);
});
