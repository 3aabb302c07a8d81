import { readFileSync } from "node:fs";
import { type CSpellSettings, spellCheckDocument } from "cspell-lib";
import { expect, test } from "vitest";
import { codeWithoutStrings, writtenFiles, writtenTexts } from "./written-text";

/** American English, the vocabulary of software, and the words of this project. */
const SETTINGS = JSON.parse(readFileSync("cspell.json", "utf8")) as CSpellSettings;

const WORD = /[A-Za-z][A-Za-z']*/g;

/** Inline code, addresses and link targets. */
const NOT_PROSE = /`[^`]*`|https?:\S+|\]\([^)]*\)|docs\/\S+/g;
/** Escapes, and names with digits such as hashes. */
const NOT_WORDS = /\\u\{?[\da-f]+\}?|\\[a-z]|#[\da-f]{3,8}\b|\b\w*\d\w*/gi;

/** Returns each word of the repository with one place where it stands. */
function placesOfWords(): Map<string, string> {
  const places = new Map<string, string>();
  const add = (text: string, place: string) => {
    for (const [word] of text.matchAll(WORD)) if (!places.has(word)) places.set(word, place);
  };
  for (const { text, file, line } of writtenTexts())
    add(text.replaceAll(NOT_PROSE, " ").replaceAll(NOT_WORDS, " "), `${file}:${line}`);
  for (const file of writtenFiles()) add(codeWithoutStrings(file).replaceAll(NOT_WORDS, " "), file);
  return places;
}

// One document of distinct words takes 4 s of CPU time, all files by themselves 15 s.
test("every word is spelled as in American English or is a word of cspell.json", async () => {
  const places = placesOfWords();
  expect(places.size).toBeGreaterThan(5_000);
  const text = [...places.keys()].join("\n");
  const { issues, errors } = await spellCheckDocument(
    { uri: "words.txt", text, languageId: "plaintext", locale: "en-US" },
    { noConfigSearch: true, generateSuggestions: false },
    SETTINGS,
  );
  expect(errors ?? []).toEqual([]);
  const wordAt = (offset: number) => text.slice(text.lastIndexOf("\n", offset) + 1).split("\n", 1)[0] ?? "";
  expect(issues.map((issue) => `${issue.text} (${places.get(wordAt(issue.offset))})`)).toEqual([]);
});
