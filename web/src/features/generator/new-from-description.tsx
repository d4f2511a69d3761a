// From the list of agentflows: what is described becomes a flow of its own, which opens.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { createFlow } from "~/api/flow-drafts";
import { GeneratorDialog } from "./generator-dialog";

/** Letters of the description that name the flow. */
const LONGEST_NAME = 60;

export function NewFromDescription({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const place = async (flowData: string, question: string) => {
    const flow = await createFlow(nameFor(question), "AGENTFLOW", flowData);
    void client.invalidateQueries({ queryKey: ["chatflows"] });
    await navigate({ to: "/v2/agentcanvas/$id", params: { id: flow.id } });
  };
  return <GeneratorDialog onDrawn={place} onClose={onClose} />;
}

/** The first line of a description, cut between words. */
export function nameFor(question: string): string {
  const [line = ""] = question.trim().split("\n");
  if (line.length <= LONGEST_NAME) return line;
  const cut = line.slice(0, LONGEST_NAME);
  return `${cut.slice(0, cut.lastIndexOf(" ") > 20 ? cut.lastIndexOf(" ") : LONGEST_NAME)}…`;
}
