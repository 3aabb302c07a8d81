import { afterAll, describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { storedState, storedToken } from "@/lib/tokens/test-support/stored-token";
import { retryNow } from "./retry-now";

const { pair, simulator, asked } = tokenTests("retrying");
const { DINGTALK_OAPI_URL, DINGTALK_API_URL } = process.env;
afterAll(() => void Object.assign(process.env, { DINGTALK_OAPI_URL, DINGTALK_API_URL }));

/** An unstable app: its last renewal failed, and its next one is an hour away. */
async function makeUnstable() {
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  const organization = await makeOrganization();
  const app = await makeApp(pair, { organizationId: organization.organizationId, state: "degraded" });
  const inAnHour = new Date(Date.now() + 60 * 60_000);
  await inOrganization(app, (tx) =>
    tx.appToken.create({
      data: { ...app, lastError: {}, lastErrorAt: new Date(), renewAt: inAnHour, failures: 3 },
    }),
  );
  return { app, actor: grant(organization.owner, "app.change") };
}

describe("retrying now", () => {
  test("renews at once what would be renewed later, and the app works again", async () => {
    const { app, actor } = await makeUnstable();
    await retryNow(actor, app.appId);

    expect(asked()).toBe(1);
    expect(await storedState(app)).toMatchObject({ state: "verified" });
    expect(await storedToken(app)).toMatchObject({ version: 1, failures: 0, last_error: null });
  });

  test("is done twenty times an hour at most, and no more exchanges are made than are needed", async () => {
    const { app, actor } = await makeUnstable();
    for (let press = 0; press < 20; press += 1) await retryNow(actor, app.appId);

    await expect(retryNow(actor, app.appId)).rejects.toMatchObject({ code: "rate_limited" });
    expect(asked()).toBe(1);
  });

  test("S12 knows no other organization's app", async () => {
    const { app } = await makeUnstable();
    const { actor } = await makeUnstable();
    for (const appId of [app.appId, "no-id"]) {
      await expect(retryNow(actor, appId)).rejects.toMatchObject({ code: "not_found" });
    }
    expect(asked()).toBe(0);
    expect(await storedState(app)).toMatchObject({ state: "degraded" });
  });
});
