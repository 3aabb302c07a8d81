import { expect, test } from "vitest";
import { trustedEndpoint } from "./trusted-endpoint";

const DINGTALK = "https://api.dingtalk.com";

test.each([
  ["wss://wss-open-connection.dingtalk.com:443/connect", DINGTALK],
  ["wss://api.dingtalk.com/connect", DINGTALK],
  ["ws://127.0.0.1:4000/connect", "http://127.0.0.1:4000"],
  ["wss://relay.example/connect", "https://relay.example/dingtalk"],
])("accepts %s from the gateway %s", (endpoint, api) => {
  expect(trustedEndpoint(endpoint, api)).toEqual(new URL(endpoint));
});

test.each([
  ["ws://wss-open-connection.dingtalk.com/connect", DINGTALK],
  ["https://wss-open-connection.dingtalk.com/connect", DINGTALK],
  ["wss://dingtalk.com.evil.example/connect", DINGTALK],
  ["wss://evildingtalk.com/connect", DINGTALK],
  ["wss://api.dingtalk.com@evil.example/connect", DINGTALK],
  ["wss://user:secret@api.dingtalk.com/connect", DINGTALK],
  ["wss://169.254.169.254/connect", DINGTALK],
  ["wss://[::1]/connect", DINGTALK],
  ["wss://wss-open-connection.dingtalk.com/connect", "https://relay.example"],
  ["ws://127.0.0.1:4000/connect", "https://127.0.0.1:4000"],
  ["no address", DINGTALK],
])("refuses %s from the gateway %s", (endpoint, api) => {
  expect(trustedEndpoint(endpoint, api)).toBeNull();
});
