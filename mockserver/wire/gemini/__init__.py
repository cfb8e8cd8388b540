"""Gemini's API: `generateContent` and `streamGenerateContent`, under Google AI's paths and Vertex AI's."""
