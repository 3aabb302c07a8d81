import { createServer } from "node:http";

/** A process that answers every request with the same 20 MB, at full speed. */
const FILE = Buffer.alloc(20_000_000, "x");

createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/octet-stream");
  response.end(FILE);
}).listen(Number(process.env.PORT), "127.0.0.1");
