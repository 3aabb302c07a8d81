import type pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { IDLE } from "@/lib/action-state";
import { defineAction } from "@/lib/actions/define-action";
import { pool } from "@/lib/db/connection-pools";
import { isDatabaseAvailable } from "@/lib/health/readiness";
import { ok } from "@/lib/result";
import { asBrowser, makeSignedInBrowser } from "@/lib/testing/browser";
import { makeOrganization } from "@/lib/testing/factories";
import { pageActor } from "./authorize-page";
import { defineRead } from "./define-read";

vi.mock("next/headers", () => import("@/lib/testing/browser"));

const get = defineRead({ permission: "organization.read", params: [], query: z.object({}) }, async () => ({
  read: true,
}));
const act = defineAction({ permission: "organization.read", input: z.object({}) }, async () => ok("done"));

/** Takes every database connection of the process and returns them at the end of the test at the latest. */
async function exhaustPool(): Promise<() => void> {
  const held: pg.PoolClient[] = [];
  const release = () => {
    for (const client of held.splice(0)) client.release();
  };
  onTestFinished(release);
  while (held.length < pool().options.max) held.push(await pool().connect());
  return release;
}

test("S30 routes, actions and pages report a busy server without a free connection, and recover with one", async () => {
  const { publicId, owner } = await makeOrganization();
  const browser = await makeSignedInBrowser(owner);
  const params = Promise.resolve({ organization: publicId });
  const askAll = () =>
    asBrowser(browser, () =>
      Promise.allSettled([
        get(new Request("http://localhost/x"), { params }),
        act(publicId, IDLE, new FormData()),
        pageActor(publicId, "organization.read"),
      ] as const),
    );
  const release = await exhaustPool();
  const [[route, action, page], isThere] = await Promise.all([askAll(), isDatabaseAvailable(Infinity)]);

  const response = route.status === "fulfilled" ? route.value : undefined;
  expect(response?.status).toBe(503);
  expect(response?.headers.get("retry-after")).toBe("5");
  expect(await response?.json()).toEqual({ code: "unavailable" });
  expect(action).toMatchObject({
    value: { status: "failed", message: { key: "error.unavailable", values: { minutes: 1 } } },
  });
  expect(page).toMatchObject({ reason: { code: "unavailable", status: 503, retryAfterSeconds: 5 } });
  expect(isThere, "the page shows the error page").toBe(false);

  release();
  const [later] = await askAll();
  expect(later).toMatchObject({ value: { status: 200 } });
});

test("S30 a process has one pool, and a request waits up to 5 s for a connection", () => {
  expect(pool().options).toMatchObject({ connectionTimeoutMillis: 5_000, max: 20 });
  expect(pool()).toBe(pool());
});
