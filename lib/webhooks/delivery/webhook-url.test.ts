import { describe, expect, test } from "vitest";
import type { ResolveHost } from "./resolve-host";
import { checkWebhookUrl } from "./webhook-url";

const RULES = { allowsPrivate: false, ownAddresses: [], ownHosts: ["dingkeep.example"] };
const RECORDS: Readonly<Record<string, readonly string[]>> = {
  "hooks.example": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
  "dingkeep.example": ["93.184.215.15"],
  "mixed.example": ["93.184.215.14", "10.0.0.1"],
  "inside.example": ["192.168.0.7"],
  "metadata.example": ["169.254.169.254"],
  localhost: ["127.0.0.1"],
  "localhost.": ["127.0.0.1"],
};
const resolve: ResolveHost = async (host) => RECORDS[host] ?? [];

async function refusalOf(url: string, rules = RULES) {
  const checked = await checkWebhookUrl(url, rules, resolve);
  return checked.ok ? null : checked.error;
}

describe("S31 URLs of webhooks", () => {
  test.each([
    "https://hooks.example/dingkeep?tenant=1",
    "https://hooks.example:8443/",
    "https://1.1.1.1/",
    "https://[2606:4700:4700::1111]/",
  ])("accepts %s", async (url) => expect(await refusalOf(url)).toBeNull());

  test.each([
    ["http://hooks.example/", "scheme"],
    ["ftp://hooks.example/", "malformed"],
    ["file:///etc/passwd", "malformed"],
    ["gopher://127.0.0.1:6379/_FLUSHALL", "malformed"],
    ["javascript:alert(1)", "malformed"],
    ["//hooks.example/", "malformed"],
    ["hooks.example", "malformed"],
    ["https://", "malformed"],
    ["https://user@hooks.example/", "malformed"],
    ["https://user:secret@hooks.example/", "malformed"],
    ["https://hooks.example@127.0.0.1/", "malformed"],
    ["https://hooks.example/#fragment", "malformed"],
    ["https://hooks.example:0/", "malformed"],
    ["https://hooks.example:65536/", "malformed"],
    ["https://hooks.example:-1/", "malformed"],
    ["https://[::1", "malformed"],
    ["https://[fe80::1%25eth0]/", "malformed"],
    [`https://hooks.example/${"x".repeat(2_000)}`, "malformed"],
    ["https://127.0.0.1/", "private"],
    ["https://127.1/", "private"],
    ["https://0/", "private"],
    ["https://2130706433/", "private"],
    ["https://017700000001/", "private"],
    ["https://0x7f000001/", "private"],
    ["https://0x7f.0.0.1/", "private"],
    ["https://0177.0.0.1/", "private"],
    ["https://127.0.0.1./", "private"],
    ["https://127。0。0。1/", "private"],
    ["https://１２７.０.０.１/", "private"],
    ["https://%31%32%37.0.0.1/", "private"],
    ["https://127.0.0.1\\@hooks.example/", "private"],
    ["https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "private"],
    ["https://LOCALHOST/", "private"],
    ["https://localhost./", "private"],
    ["https://[::1]/", "private"],
    ["https://[::]/", "private"],
    ["https://[0:0:0:0:0:0:0:1]/", "private"],
    ["https://[::ffff:127.0.0.1]/", "private"],
    ["https://[::ffff:7f00:1]/", "private"],
    ["https://[64:ff9b::a9fe:a9fe]/", "private"],
    ["https://[2002:a9fe:a9fe::]/", "private"],
    ["https://169.254.169.254/latest/meta-data/", "private"],
    ["https://0xa9fea9fe/", "private"],
    ["https://100.100.100.200/latest/meta-data/", "private"],
    ["https://10.0.0.1:443/", "private"],
    ["https://dingkeep.example/api/v1/apps", "private"],
    ["https://DINGKEEP.example./", "private"],
    ["https://inside.example/", "private"],
    ["https://mixed.example/", "private"],
    ["https://metadata.example/", "private"],
    ["https://nowhere.example/", "unresolvable"],
  ])("refuses %s as %s", async (url, reason) => expect(await refusalOf(url)).toBe(reason));

  test("accepts http and private networks when these are open, but never metadata", async () => {
    const open = { ...RULES, allowsPrivate: true };
    expect(await refusalOf("http://127.0.0.1:8080/", open)).toBeNull();
    expect(await refusalOf("http://inside.example/", open)).toBeNull();
    expect(await refusalOf("http://metadata.example/", open)).toBe("private");
    expect(await refusalOf("http://169.254.169.254/", open)).toBe("private");
  });

  test("refuses a name whose name server fails", async () => {
    const failing: ResolveHost = () => Promise.reject(new Error("SERVFAIL"));
    expect(await checkWebhookUrl("https://hooks.example/", RULES, failing)).toEqual({
      ok: false,
      error: "unresolvable",
    });
  });
});
