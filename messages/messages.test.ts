import { expect, test } from "vitest";
import { DINGTALK_ERROR_KINDS, DINGTALK_THROTTLE_SCOPES } from "@/lib/dingtalk/error-kinds";
import { CHECKS } from "@/lib/dingtalk-apps/form-values";
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
/** Names of values; what stands in a plural's branches is text. */
const argumentsOf = (sentence: string) =>
  [...new Set([...sentence.matchAll(/(?<!(?:one|other) )\{(\w+)/g)].map(([, name]) => name))].sort();

test("both languages have the same sentences, with the same values in them", () => {
  const shapeOf = (list: [string, string][]) => list.map(([key, text]) => [key, argumentsOf(text)]);
  expect(shapeOf(sentences["zh-CN"])).toEqual(shapeOf(sentences.en));
});

test("no sentence is empty, cheers, apologises or says please in English", () => {
  const wrong = sentences.en.filter(
    ([, text]) => text.trim() === "" || /!|\bplease\b|\bsorry\b|\boops\b|successfully/i.test(text),
  );
  expect(wrong).toEqual([]);
});

test("Chinese is written with full-width punctuation and says 你", () => {
  const wrong = sentences["zh-CN"].filter(([, text]) =>
    /您|！|亲|\p{Script=Han}[,;:?!]|[,;?!]\p{Script=Han}/u.test(text),
  );
  expect(wrong).toEqual([]);
});

/** Values that are Chinese text where they touch Han, and so need no space. */
const TEXT_VALUES = ["duration", "place"];
const VALUE = `\\{(?!(?:${TEXT_VALUES.join("|")})\\})`;
/** An ordinary space beside Han, or none before or after a figure, a Latin letter or a value. */
const UNSPACED = [
  /\p{Script=Han} [\w#{<]|[\w}>)] \p{Script=Han}/u,
  /\p{Script=Han}[\dA-Za-z]|[\dA-Za-z]\p{Script=Han}/u,
  new RegExp(`\\p{Script=Han}${VALUE}`, "u"),
  new RegExp(`${VALUE}[^{}]*\\}\\p{Script=Han}`, "u"),
];

test("in Chinese a thin space (U+2009) stands between Han and figures, Latin letters and values", () => {
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
])("the rule finds %j", (text) => {
  expect(UNSPACED.some((pattern) => pattern.test(text))).toBe(true);
});

test("every error code has its sentence", () => {
  expect(Object.keys(ERROR_STATUS).filter((code) => !keys.has(`error.${code}`))).toEqual([]);
});

test("every kind of DingTalk's failures has a title and a remedy", () => {
  const kinds = DINGTALK_ERROR_KINDS.filter((kind) => kind !== "throttled");
  const wanted = kinds.flatMap((kind) => [`fault.kind.${kind}.title`, `fault.kind.${kind}.body`]);
  expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
});

test("every throttle says in a title and a sentence whom it holds back", () => {
  const wanted = DINGTALK_THROTTLE_SCOPES.flatMap((scope) => [
    `fault.throttle.${scope}.title`,
    `fault.throttle.${scope}.body`,
  ]);
  expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
});

test("every reason of ours why a sync did not do all of its work has a title and a sentence", () => {
  const wanted = SYNC_REASON_KINDS.flatMap((kind) => [
    `sync.reason.${kind}.title`,
    `sync.reason.${kind}.body`,
  ]);
  expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
});

test("every stored state has its word, so that no enum reaches a screen", () => {
  const wanted = [
    ...Object.keys(AppState).map((state) => `state.app.${state}`),
    ...Object.keys(RunState).map((state) => `state.run.${state}`),
    ...CHECKS.map((check) => `app.check.${check}`),
  ];
  expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
});
