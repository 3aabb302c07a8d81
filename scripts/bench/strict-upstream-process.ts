import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A process that serves an empty department list and records the time of each call. */
const arrivals: number[] = [];
const EMPTY = JSON.stringify({ errcode: 0, errmsg: "ok", result: [] });

const server = createServer((request, response) => {
  if (request.url === "/arrivals") {
    response.end(JSON.stringify(arrivals));
    return;
  }
  arrivals.push(performance.now());
  request.resume();
  response.setHeader("content-type", "application/json");
  response.end(EMPTY);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
process.stdin.on("end", () => process.exit()).resume();
