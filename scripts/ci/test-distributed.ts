import { exitWith, runVitest } from "./test-tools";

const USAGE = `npm run test:distributed -- ADDRESS [FILE…]
ADDRESS is a superuser's address of a coordinator of Citus and of a database there that may be emptied.`;

const [, , address = "", ...files] = process.argv;
if (!/^postgres(?:ql)?:\/\//.test(address)) {
  console.error(USAGE);
  process.exit(1);
}

/** `npm run test:distributed`: the tests with a database, on a distributed PostgreSQL. */
await exitWith(() => runVitest("citus", { CITUS_URL: address }, files));
