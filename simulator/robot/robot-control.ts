import type { z } from "zod";
import { ControlError } from "../organization/directory";
import type { World } from "../world";
import { type Robot, type RobotMessage, robotInput } from "./robots";

export type RobotInput = z.input<typeof robotInput>;

/** Control of group robots. */
export function robotControl(world: World) {
  const { robots: state } = world;
  return {
    /** Adds a group robot. Replaces an existing one with the same access token. */
    addRobot(input: RobotInput): Robot {
      const robot = robotInput.parse(input);
      state.robots.set(robot.accessToken, robot);
      return robot;
    },
    listRobots: (): Robot[] => [...state.robots.values()],
    removeRobot(accessToken: string): void {
      if (!state.robots.delete(accessToken)) throw new ControlError("no such robot");
    },
    /** Lists the messages that a robot accepted, or those of all robots, oldest first. */
    listRobotMessages: (accessToken?: string): readonly RobotMessage[] => state.list(accessToken),
  };
}
