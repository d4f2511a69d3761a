// A flow as the stand-in server stores it.
import { randomUUID } from "node:crypto";

/** A stored flow, edited so many minutes ago. */
export function flow(name, flowData, minutesAgo, more = {}) {
  const date = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  return {
    id: randomUUID(), name, flowData, deployed: null, isPublic: false, apikeyid: null, chatbotConfig: null, apiConfig: null, analytic: null,
    speechToText: null, textToSpeech: null, followUpPrompts: null, category: null, type: "CHATFLOW", createdDate: date, updatedDate: date, mcpServerConfig: null,
    webhookSecretConfigured: false, workspaceId: "b97c66b8-66a5-451c-a613-5670eb921f15", ...more,
  };
}
