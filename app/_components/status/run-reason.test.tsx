import { MantineProvider } from "@mantine/core";
import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import en from "@/messages/en.json";
import zh from "@/messages/zh-CN.json";
import { RunReason } from "./run-reason";

const markupOf = (error: object, locale: "en" | "zh-CN") =>
  renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={locale === "en" ? en : zh} timeZone="Asia/Shanghai">
      <MantineProvider>
        <RunReason error={error} isFailure={false} />
      </MantineProvider>
    </NextIntlClientProvider>,
  );

const REFUSED = {
  kind: "members_not_permitted",
  code: "88",
  subCode: "60011",
  message: "没有权限",
  requestId: "req-1",
};

describe.each(["en", "zh-CN"] as const)("reason of an incomplete run in %s", (locale) => {
  const { code, subCode, message, requestId } = (locale === "en" ? en : zh).fault;

  test("shows DingTalk's code, sub-code, message and request id", () => {
    const markup = markupOf(REFUSED, locale).replaceAll("&#x27;", "'");
    const facts = [...markup.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map(([, name, value = ""]) => [
      name,
      value.replaceAll(/<button.*?<\/button>|<[^>]*>/g, ""),
    ]);

    expect(facts).toEqual([
      [code, "88"],
      [subCode, "60011"],
      [requestId, "req-1"],
      [message, "没有权限"],
    ]);
  });

  test("shows no details of a run without a DingTalk error", () => {
    expect(markupOf({ kind: "members_unproven", count: 2 }, locale)).not.toContain("<details");
  });
});
