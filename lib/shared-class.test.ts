import { expect, test } from "vitest";
import { DingtalkError } from "./dingtalk/errors";
import { AppError } from "./errors";

/** A second instance of the module, as in another bundle. */
const elsewhere = "./errors?elsewhere";
const errorsElsewhere = (await import(elsewhere)) as typeof import("./errors");

class Ours extends AppError {}

test("accepts an instance of another bundle's copy of the class", () => {
  expect(errorsElsewhere.AppError).not.toBe(AppError);
  const theirs = errorsElsewhere.notFound("app");
  expect(theirs).toBeInstanceOf(AppError);
  expect(theirs).not.toBeInstanceOf(DingtalkError);
});

test("distinguishes instances of subclasses as usual", () => {
  const own = new Ours("conflict", "x");
  expect(own).toBeInstanceOf(Ours);
  expect(own).toBeInstanceOf(AppError);
  expect(new AppError("conflict", "x")).not.toBeInstanceOf(Ours);
  expect(errorsElsewhere.notFound("app")).not.toBeInstanceOf(Ours);
  for (const value of [null, undefined, "x", {}, new Error("x")])
    expect(value instanceof AppError).toBe(false);
});
