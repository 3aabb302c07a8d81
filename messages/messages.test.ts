import { expect, test } from "vitest";
import { ERROR_STATUS } from "@/lib/errors";
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
const argumentsOf = (sentence: string) => [...sentence.matchAll(/\{(\w+)/g)].map(([, name]) => name).sort();

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

test("every error code has its sentence", () => {
  const keys = new Set(sentences.en.map(([key]) => key));
  expect(Object.keys(ERROR_STATUS).filter((code) => !keys.has(`error.${code}`))).toEqual([]);
});
