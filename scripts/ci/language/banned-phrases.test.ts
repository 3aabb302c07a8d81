import { describe, expect, test } from "vitest";
import { bannedIn } from "./banned-phrases";
import { writtenTexts } from "./written-text";

describe("bannedIn", () => {
  test.each([
    ["comment", "What is another about a member."],
    ["comment", "Renews the token. Whoever waits asks again."],
    ["comment", "The same for departments."],
    ["title", "S9 whoever asks twice gets one answer"],
    ["title", "what is no id is answered as an unknown one"],
    ["message", "It isn't tried by itself until then."],
    ["document", "So many are looked up one by one."],
  ] as const)("finds the banned phrase of a %s: %s", (kind, text) => {
    expect(bannedIn({ kind, text })).not.toBeNull();
  });

  test.each([
    ["comment", "Returns what the caller may read, and who changed it."],
    ["title", "S9 returns one answer to two callers with the same credentials"],
    ["message", "What went wrong? Test the connection."],
    ["document", "Run `whoever --anew` to start."],
  ] as const)("accepts a plain %s: %s", (kind, text) => {
    expect(bannedIn({ kind, text })).toBeNull();
  });
});

test("no comment, title, message or document contains a banned phrase", () => {
  const found = [...writtenTexts()].flatMap((text) => {
    const banned = bannedIn(text);
    return banned === null
      ? []
      : [`${text.file}:${text.line} "${banned.trim()}" in: ${text.text.slice(0, 120)}`];
  });
  expect(found).toEqual([]);
});
