import type { Route } from "../control-route";

/** Routes of the control for group robots. */
export const ROBOT_ROUTES: Readonly<Record<string, Route>> = {
  "GET robots": ({ control }) => control.listRobots(),
  "POST robots": ({ control, body }) => control.addRobot(body),
  "DELETE robots/:": ({ control, parts: [accessToken = ""] }) => control.removeRobot(accessToken),
  "GET robots/:/messages": ({ control, parts: [accessToken = ""] }) => control.listRobotMessages(accessToken),
};
