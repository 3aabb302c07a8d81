import { expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS, DINGTALK_THROTTLE_SCOPES } from "@/lib/dingtalk/error-kinds";
import { CHECKS } from "@/lib/dingtalk-apps/setting-choices";
import { SYNC_REASON_KINDS } from "@/lib/directory/runs/run-reasons";
import { ERROR_STATUS } from "@/lib/errors";
import { AppState, RunState } from "@/prisma/generated/enums";
import en from "./en.json";
import zh from "./zh-CN.json";

type Tree = { readonly [key: string]: string | Tree };

const flat = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string"
      ? [[`${path}${key}`, value] as [string, string]]
      : flat(value, `${path}${key}.`),
  );

const sentences = { en: flat(en), "zh-CN": flat(zh) };
const keys = new Set(sentences.en.map(([key]) => key));
/** Returns the names of a sentence's values. The branches of a plural are text. */
const argumentsOf = (sentence: string) =>
  [...new Set([...sentence.matchAll(/(?<!(?:one|other) )\{(\w+)/g)].map(([, name]) => name))].sort();

test("both languages have the same keys with the same values", () => {
  const shapeOf = (list: [string, string][]) => list.map(([key, text]) => [key, argumentsOf(text)]);
  expect(shapeOf(sentences["zh-CN"])).toEqual(shapeOf(sentences.en));
});

test("no English sentence is empty, celebrates, apologizes, says please or has an exclamation mark", () => {
  const wrong = sentences.en.filter(
    ([, text]) => text.trim() === "" || /!|\bplease\b|\bsorry\b|\boops\b|successfully/i.test(text),
  );
  expect(wrong).toEqual([]);
});

test("Chinese uses full-width punctuation and avoids 你, 您 and 我们", () => {
  const wrong = sentences["zh-CN"].filter(([, text]) =>
    /你|您|我们|！|亲|\p{Script=Han}[,;:?!]|[,;?!]\p{Script=Han}/u.test(text),
  );
  expect(wrong).toEqual([]);
});

/** Values that are Chinese text next to Han characters, and so need no space. */
const TEXT_VALUES = ["duration", "place"];
const VALUE = `\\{(?!(?:${TEXT_VALUES.join("|")})\\})`;
/** Finds an ordinary space next to Han characters, or a missing one before or after a digit, a Latin letter or a value. */
const UNSPACED = [
  /\p{Script=Han} [\w#{<]|[\w}>)] \p{Script=Han}/u,
  /\p{Script=Han}[\dA-Za-z]|[\dA-Za-z]\p{Script=Han}/u,
  new RegExp(`\\p{Script=Han}${VALUE}`, "u"),
  new RegExp(`${VALUE}[^{}]*\\}\\p{Script=Han}`, "u"),
];

test("Chinese has a thin space (U+2009) between Han characters and digits, Latin letters and values", () => {
  const wrong = sentences["zh-CN"].filter(([, text]) => UNSPACED.some((pattern) => pattern.test(text)));
  expect(wrong).toEqual([]);
});

test.each([
  "共{n}个",
  "共 {n} 个",
  "复制AppKey",
  "在 12 秒内",
  "{max, number}个",
  "同步 #{number}",
  "用时<time></time> 秒",
])("the spacing rule finds %j", (text) => {
  expect(UNSPACED.some((pattern) => pattern.test(text))).toBe(true);
});

test("every error code has a sentence", () => {
  expect(Object.keys(ERROR_STATUS).filter((code) => !keys.has(`error.${code}`))).toEqual([]);
});

test("every kind of DingTalk failure has a title and a body", () => {
  const kinds = DINGTALK_ERROR_KINDS.filter((kind) => kind !== "throttled");
  const wanted = kinds.flatMap((kind) => [`fault.kind.${kind}.title`, `fault.kind.${kind}.body`]);
  expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
});

test("every throttle scope has a title and a body", () => {
  const wanted = DINGTALK_THROTTLE_SCOPES.flatMap((scope) => [
    `fault.throttle.${scope}.title`,
    `fault.throttle.${scope}.body`,
  ]);
  expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
});

test("every reason of an incomplete sync has a title and a body", () => {
  const wanted = SYNC_REASON_KINDS.flatMap((kind) => [
    `sync.reason.${kind}.title`,
    `sync.reason.${kind}.body`,
  ]);
  expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
});

test("every stored state has a label, so that no page shows a raw enum value", () => {
  const wanted = [
    ...Object.keys(AppState).map((state) => `state.app.${state}`),
    ...Object.keys(RunState).map((state) => `state.run.${state}`),
    ...CHECKS.map((check) => `app.check.${check}`),
  ];
  expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
});
