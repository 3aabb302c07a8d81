import { forgetEarlierFiles } from "./fresh-process";

forgetEarlierFiles();
