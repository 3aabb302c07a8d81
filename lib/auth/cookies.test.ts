import { describe, expect, test } from "vitest";
import { env } from "@/lib/env";
import { testEnvironment } from "@/lib/testing/environment";
import { hostCookie, knownBrowserCookie, sessionCookie } from "./cookies";

Object.assign(process.env, testEnvironment(), { DATABASE_URL: "postgres://localhost/none_test" });

const at = (address: string) => Object.assign(env(), { NEXTAUTH_URL: address });

describe("S2 cookies", () => {
  test("cookies over https have the prefix __Host- and are Secure, HttpOnly and SameSite=Lax", () => {
    at("https://dingkeep.example");
    const options = { httpOnly: true, sameSite: "lax", path: "/", secure: true };
    expect(sessionCookie()).toEqual({ name: "__Host-dingkeep.session", options });
    expect(knownBrowserCookie()).toEqual({ name: "__Host-dingkeep.known", options });
    expect(hostCookie("csrf")).toEqual({ name: "__Host-dingkeep.csrf", options });
  });

  test("cookies over http have no prefix and keep HttpOnly and SameSite=Lax", () => {
    at("http://localhost:3000");
    const options = { httpOnly: true, sameSite: "lax", path: "/", secure: false };
    expect(sessionCookie()).toEqual({ name: "dingkeep.session", options });
    expect(knownBrowserCookie()).toEqual({ name: "dingkeep.known", options });
  });

  test("cookies have no Domain, which would reject __Host- and send them to sibling domains", () => {
    at("https://dingkeep.example");
    expect(sessionCookie().options).not.toHaveProperty("domain");
  });
});
