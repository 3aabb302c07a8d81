import { expect, test } from "vitest";
import { maskPersonal } from "./mask-values";

test("S33 masks each value, so that only its presence is visible", () => {
  const values = {
    mobile: "13800000000",
    telephone: "0571",
    email: "li@example.com",
    org_email: "no address",
    remark: "secret remark",
    hired_date: 1_609_430_400_000,
    extension: '{"花名":"逍遥"}',
    avatar: "https://static.example/a.jpg",
  };
  expect(maskPersonal(values)).toEqual({
    mobile: "138****0000",
    telephone: "****",
    email: "l****@example.com",
    org_email: "****",
    remark: "****",
    hired_date: "****",
    extension: { 花名: "****" },
    avatar: "****",
  });
});
