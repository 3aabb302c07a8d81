import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { getScopes } from "./contact-scope";
import { BODY_BYTES_MAX } from "./read-body";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { type Reply, startHost } from "./test-support/servers";

const scopes = JSON.stringify({ errcode: 0, auth_org_scopes: { authed_dept: [1], authed_user: [] } });
const MEBIBYTE = 1024 * 1024;

const bytes =
  (body: Uint8Array, encoding?: string): Reply =>
  (_request, response) => {
    response.writeHead(200, {
      "content-type": "application/json",
      ...(encoding && { "content-encoding": encoding }),
    });
    response.end(body);
  };

async function scopesFrom(...replies: Reply[]) {
  const host = await startHost(...replies);
  const { dingtalk } = makeDingtalk({ url: host.url });
  return { host, result: getScopes(dingtalk, makeCaller().caller) };
}

/** Returns a gibibyte of zeros in about a mebibyte. A stream of gzip may have several members, here 1,024 equal ones. */
function makeBomb(): Buffer {
  const member = gzipSync(Buffer.alloc(MEBIBYTE), { level: 9 });
  return Buffer.concat(Array<Buffer>(1_024).fill(member));
}

/** Compresses at a low quality: the best one takes a second for 10 MB. */
const brotli = (body: Buffer) =>
  brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });

describe("limits of an answer's body", () => {
  test("S24 stops reading a 1 MB bomb of 1 GB at 10 MB, and uses less than 50 MB of memory for it", async () => {
    const bomb = makeBomb();
    expect(bomb.length).toBeLessThan(1.1 * MEBIBYTE);
    const { host, result } = await scopesFrom(bytes(gzipSync(scopes), "gzip"), bytes(bomb, "gzip"));
    await result;
    const { dingtalk } = makeDingtalk({ url: host.url });

    const idleBytes = process.memoryUsage.rss();
    let peakBytes = idleBytes;
    const sampler = setInterval(() => {
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    }, 1);
    const error = await refusalOf(getScopes(dingtalk, makeCaller().caller)).finally(() =>
      clearInterval(sampler),
    );

    expect(error).toMatchObject({ kind: "too_large", retry: "no", upstream: { status: 200 } });
    expect(host.received).toHaveLength(2);
    expect(Math.max(peakBytes, process.memoryUsage.rss()) - idleBytes).toBeLessThan(50 * MEBIBYTE);
  }, 60_000);

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotli],
    ["identity", (body: Buffer) => body],
  ] as const)("S24 stops reading an answer at 10 MB after decompression, %s", async (encoding, compress) => {
    const padded = (length: number) => bytes(compress(Buffer.from(scopes.padEnd(length))), encoding);

    const allowed = await scopesFrom(padded(BODY_BYTES_MAX));
    expect((await allowed.result).departmentIds).toEqual(["1"]);
    const refused = await scopesFrom(padded(BODY_BYTES_MAX + 1));
    expect((await refusalOf(refused.result)).kind).toBe("too_large");
  });

  test("S24 stops reading an endless answer at 10 MB, and closes its connection", async () => {
    let isClosed = false;
    const endless: Reply = (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, " ");
      const more = () => {
        while (response.write(chunk));
      };
      response.on("drain", more).on("close", () => {
        isClosed = true;
      });
      more();
    };
    const { result } = await scopesFrom(endless);
    expect((await refusalOf(result)).kind).toBe("too_large");
    await expect.poll(() => isClosed).toBe(true);
  });

  test.each([
    ["a broken stream", bytes(Buffer.from("no gzip at all"), "gzip")],
    ["a truncated stream", bytes(gzipSync(scopes).subarray(0, 40), "gzip")],
    ["an encoding that was not requested", bytes(Buffer.from(scopes), "compress")],
    ["two encodings", bytes(gzipSync(gzipSync(scopes)), "gzip, gzip")],
  ])("refuses an answer with %s as not_dingtalk", async (_, reply) => {
    const { result } = await scopesFrom(reply);
    expect((await refusalOf(result)).kind).toBe("not_dingtalk");
  });

  test("S24 refuses an answer with too many levels or values as too_large", async () => {
    const deep = await scopesFrom(bytes(Buffer.from(`{"errcode":0,"x":${"[".repeat(100_000)}`)));
    expect((await refusalOf(deep.result)).kind).toBe("too_large");
    const many = await scopesFrom(bytes(Buffer.from(`{"errcode":0,"x":[${"0,".repeat(100_000)}0]}`)));
    expect((await refusalOf(many.result)).kind).toBe("too_large");
  });
});
