import { expect, test } from "vitest";
import { byUrgency, listProblems } from "./attention";

const app = (id: string, state: "verified" | "degraded" | "broken" | "draft" | "disabled") => ({
  id,
  name: id,
  state,
  kind: "internal" as const,
  suiteTicketAt: null,
});
const run = (state: "succeeded" | "failed" | "interrupted" | "cancelled" | "running") => ({ state });

test("lists problems worst first, held runs besides other problems, and no working or disabled apps", () => {
  const apps = [
    app("works", "verified"),
    app("draft", "draft"),
    app("off", "disabled"),
    app("unstable", "degraded"),
    app("failed", "verified"),
    app("cut off", "degraded"),
    app("broken", "broken"),
    app("cancelled", "verified"),
  ];
  const runs: Record<string, { state: "failed" | "interrupted" | "cancelled" | "succeeded" }> = {
    off: { state: "failed" },
    failed: { state: "failed" },
    "cut off": { state: "interrupted" },
    cancelled: { state: "cancelled" },
    broken: { state: "succeeded" },
  };
  const heldRun = { id: "run" };
  const held = { failed: heldRun, off: heldRun, broken: heldRun };
  const rows = apps.map((each) => ({
    ...each,
    lastRun: runs[each.id],
    heldRun: held[each.id as "off"] ?? null,
  }));
  expect(listProblems(rows).map((item) => [item.app.id, item.problem])).toEqual([
    ["broken", "broken"],
    ["off", "held"],
    ["failed", "held"],
    ["broken", "held"],
    ["failed", "failed"],
    ["cut off", "failed"],
    ["unstable", "degraded"],
    ["draft", "draft"],
  ]);
});

test("lists no failure once a new run is active", () => {
  expect(listProblems([{ ...app("a", "verified"), lastRun: run("running") }])).toEqual([]);
});

test("lists a suite ticket older than six hours although the app works", () => {
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  const isv = (id: string, hours: number) => ({
    ...app(id, "verified"),
    kind: "isv" as const,
    suiteTicketAt: hoursAgo(hours),
  });
  const apps = [isv("in time", 5.9), isv("late", 6.1), app("draft", "draft")];
  expect(
    listProblems(apps.map((each) => ({ ...each, lastRun: null }))).map((item) => [item.app.id, item.problem]),
  ).toEqual([
    ["late", "ticket"],
    ["draft", "draft"],
  ]);
});

test("byUrgency sorts the worst state first", () => {
  const states = ["verified", "disabled", "draft", "degraded", "broken"] as const;
  expect(
    states
      .map((state) => app(state, state))
      .sort(byUrgency)
      .map(({ state }) => state),
  ).toEqual([...states].reverse());
});
