import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { ShownPersonal } from "@/lib/directory/members/schema";
import zh from "@/messages/zh-CN.json";
import { PersonalFields } from "./personal-fields";

function textOf(personal: ShownPersonal): string[] {
  const markup = renderToStaticMarkup(
    <NextIntlClientProvider locale="zh-CN" messages={zh} timeZone="Asia/Shanghai">
      <PersonalFields personal={personal} />
    </NextIntlClientProvider>,
  );
  return markup.split(/<[^>]*>/).filter((text) => text.trim() !== "");
}

test("shows the mobile number first, a hire date as a day, and an extension key by key", () => {
  const shown = textOf([
    ["extension", '{"爱好":"旅游","<b>":24}'],
    ["hired_date", 1_597_573_616_828],
    ["mobile", "13812345678"],
  ]);
  expect(shown.join("|")).toBe(
    "个人信息|手机号|13812345678|入职时间|2020-08-16|扩展属性|爱好| · |旅游|&lt;b&gt;| · |24",
  );
});

test("shows values of an unexpected type unchanged", () => {
  const shown = textOf([
    ["hired_date", 1e99],
    ["extension", "[1]"],
  ]);
  expect(shown.join("|")).toBe("个人信息|入职时间|1e+99|扩展属性|[1]");
});
