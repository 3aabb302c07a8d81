import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DingkeepClient, DingkeepError, type TokenLease } from "./src/index";
import { startSmallDingkeep } from "./test-support/small-dingkeep";

let server: Awaited<ReturnType<typeof startSmallDingkeep>>;
let lease: TokenLease;
beforeEach(async () => {
  server = await startSmallDingkeep();
  lease = new DingkeepClient({ url: server.url, key: "dk_test" }).token("app");
});
afterEach(async () => {
  lease.close();
  await server.close();
});

/** Counts reads that did not wait for a newer token. */
const reads = () => server.asked.filter((one) => one === "GET /api/v1/apps/app/token").length;

describe("client.token", () => {
  test("fetches a token once for simultaneous readers, and then returns it from memory", async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => lease.getToken()));
    expect(new Set(tokens)).toEqual(new Set(["token-1"]));
    await expect.poll(server.isWaitedFor).toBe(true);
    expect(await lease.getToken()).toBe("token-1");
    expect(reads()).toBe(1);
  });

  test("replaces a token by the next one without a request of the reader", async () => {
    await lease.getToken();
    await expect.poll(server.isWaitedFor).toBe(true);
    server.renew();
    await expect.poll(() => lease.getToken()).toBe("token-2");
    expect(reads()).toBe(1);
    await expect.poll(() => server.asked.at(-1)).toContain("after 2");
  });

  test("invalidates a token that DingTalk refuses, and repeats the work", async () => {
    const tried: string[] = [];
    const result = await lease.use(async (token, refused) => {
      tried.push(token);
      return token === "token-1" ? refused() : `done with ${token}`;
    });
    expect({ result, tried }).toEqual({ result: "done with token-2", tried: ["token-1", "token-2"] });
    await expect(lease.use((_, refused) => Promise.resolve(refused()))).rejects.toThrow("the next one too");
  });

  test("does not invalidate a token again for a reader with an older one, after a renewal", async () => {
    const old = await lease.getToken();
    expect(await lease.invalidate(old)).toBe("token-2");
    expect(await lease.invalidate(old)).toBe("token-2");
    expect(server.asked.filter((one) => one.endsWith("/invalidate"))).toHaveLength(1);
  });

  test("returns the current token while Dingkeep fails, and updates it afterwards", async () => {
    await lease.getToken();
    await expect.poll(server.isWaitedFor).toBe(true);
    server.fail(503);
    server.renew();
    await expect.poll(() => server.asked.length).toBeGreaterThan(4);
    expect(await lease.getToken()).toBe("token-2");
    server.fail(null);
    server.renew();
    await expect.poll(() => lease.getToken()).toBe("token-3");
  });

  test("stops updating a token without readers, and updates it again when one returns", async () => {
    const idle = new DingkeepClient({ url: server.url, key: "dk_test" }).token("app", { idleMs: 0 });
    await idle.getToken();
    await expect.poll(reads).toBe(1);
    expect(server.isWaitedFor()).toBe(false);
    expect(await idle.getToken()).toBe("token-1");
  });
});

test("turns an error answer of Dingkeep into an error with its code and request id", async () => {
  const client = new DingkeepClient({ url: server.url, key: "dk_wrong" });
  const error = await client.call("listApps", {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DingkeepError);
  expect(error).toMatchObject({
    status: 401,
    code: "unauthenticated",
    requestId: "r1",
    retryAfterSeconds: 0,
  });
  expect(await new DingkeepClient({ url: `${server.url}/`, key: "dk_test" }).call("listApps", {})).toEqual({
    apps: [],
  });
});
