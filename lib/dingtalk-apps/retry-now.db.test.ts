import { afterAll, describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { storedState, storedToken } from "@/lib/tokens/test-support/stored-token";
import { retryNow } from "./retry-now";

const { pair, simulator, tokenRequests } = tokenTests("retrying");
const { DINGTALK_OAPI_URL, DINGTALK_API_URL } = process.env;
afterAll(() => void Object.assign(process.env, { DINGTALK_OAPI_URL, DINGTALK_API_URL }));

/** Makes a degraded app whose last renewal failed and whose next renewal is in an hour. */
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

describe("retryNow", () => {
  test("renews the token immediately, and the app recovers", async () => {
    const { app, actor } = await makeUnstable();
    await retryNow(actor, app.appId);

    expect(tokenRequests()).toBe(1);
    expect(await storedState(app)).toMatchObject({ state: "verified" });
    expect(await storedToken(app)).toMatchObject({ version: 1, failures: 0, last_error: null });
  });

  test("allows twenty retries an hour, and requests a token only if one is needed", async () => {
    const { app, actor } = await makeUnstable();
    for (let press = 0; press < 20; press += 1) await retryNow(actor, app.appId);

    await expect(retryNow(actor, app.appId)).rejects.toMatchObject({ code: "rate_limited" });
    expect(tokenRequests()).toBe(1);
  });

  test("S12 returns not_found for another organization's app", async () => {
    const { app } = await makeUnstable();
    const { actor } = await makeUnstable();
    for (const appId of [app.appId, "no-id"]) {
      await expect(retryNow(actor, appId)).rejects.toMatchObject({ code: "not_found" });
    }
    expect(tokenRequests()).toBe(0);
    expect(await storedState(app)).toMatchObject({ state: "degraded" });
  });
});
