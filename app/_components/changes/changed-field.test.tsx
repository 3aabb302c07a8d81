import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import en from "@/messages/en.json";
import { ChangedField } from "./changed-field";

test("names the department of a changed field that belongs to a membership", () => {
  const field = { field: "placeTitle", department: "华东 <b>", before: "总监", after: "副总裁" };
  const markup = renderToStaticMarkup(
    <NextIntlClientProvider locale="en" messages={en} timeZone="Asia/Shanghai">
      <ChangedField field={field} />
    </NextIntlClientProvider>,
  );
  expect(markup.replaceAll(/<[^>]*>/g, "|")).toMatch(
    /^\|+Title in \|+华东 &lt;b&gt;\|+before\|+总监\|+after\|+副总裁\|+$/,
  );
});
