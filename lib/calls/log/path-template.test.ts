import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { pathTemplate } from "./path-template";

/** Returns the paths of DingTalk's own client, with `${…}` for each parameter. */
function clientPaths(): string[] {
  const root = join(
    dirname(createRequire(import.meta.url).resolve("@alicloud/dingtalk/package.json")),
    "dist",
  );
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name: folder }) => {
    const text = readFileSync(join(root, folder, "client.js"), "utf8");
    return [...text.matchAll(/pathname: [`"]\/([^`"]+)[`"]/g)].flatMap(([, path]) => path?.trim() ?? []);
  });
}

const PARAMETER = /\$\{[^}]*\}/g;
const VALUES = ["zhangsan", "13800138000", "张三", "a.b@example.com", "iiXyZ0123abcd", "manager4220"];

test("every path of DingTalk's own client keeps its fixed segments and loses its parameters", () => {
  const paths = clientPaths();
  expect(paths.length).toBeGreaterThan(2_000);
  for (const path of paths) {
    const template = path.replaceAll(PARAMETER, "{}");
    // A few segments mix a word and a parameter, such as `word-${value}`. They are replaced completely.
    const expected = template.replaceAll(/[^/]+\{\}[^/]*|[^/]*\{\}[^/]+/g, "{}");
    for (const value of VALUES) {
      expect(pathTemplate(path.replaceAll(PARAMETER, value), "api")).toBe(
        expected.replaceAll(/anheiTest888/g, "{}"),
      );
    }
  }
});

test.each([
  ["v1.0/contact/users/me", "v1.0/contact/users/me"],
  ["v1.0/contact/users/%E5%BC%A0", "v1.0/contact/users/{}"],
  ["V1.0/contact", "{}/contact"],
  ["v1.0/contact/users/", "v1.0/contact/users/"],
  ["13800138000", "{}"],
])("logs %s on the new host as %s", (path, template) => {
  expect(pathTemplate(path, "api")).toBe(template);
});

test.each([
  ["topapi/v2/user/get", "topapi/v2/user/get"],
  ["user/get/", "user/get/"],
  ["topapi/v2/user/13800138000", "topapi/v2/user/{}"],
  ["user/a@example.com", "user/{}"],
  ["user/张三", "user/{}"],
  ["topapi/im/chat/scencegroup/message/send_v2", "topapi/im/chat/scencegroup/message/send_v2"],
])("logs %s on the older host as %s", (path, template) => {
  expect(pathTemplate(path, "oapi")).toBe(template);
});

test("truncates a very long path", () => {
  expect(pathTemplate("user/".repeat(1_000), "oapi").length).toBeLessThan(100);
});
