"""Parameters that other services document for their chat completions and OpenAI does not know (their API references).

OpenAI's own models refuse them as it does. A model that is not known to be OpenAI's is one that such a service serves,
so a request for it may carry them; what none of them documents is a misspelling, and is refused for every model.
"""

_XAI = ("search_parameters", "deferred", "reasoning")
_OPENROUTER = (
    "provider", "models", "route", "transforms", "usage", "plugins", "include_reasoning", "top_a", "preset",
    "structured_outputs", "session_id", "trace", "image_config",
)  # fmt: skip
_GROQ = (
    "reasoning_format", "search_settings", "compound_custom", "citation_options", "disable_tool_validation",
    "documents", "include_domains", "exclude_domains",
)  # fmt: skip
_QWEN = (
    "enable_thinking", "thinking_budget", "preserve_thinking", "enable_search", "search_options", "result_format",
    "incremental_output", "vl_high_resolution_images", "translation_options", "enable_code_interpreter",
)  # fmt: skip
_THINKING = ("thinking", "clear_thinking", "disable_reasoning", "reasoning_split", "think")
_ZAI = ("do_sample", "request_id", "tool_stream", "sensitive_word_check")
_MISTRAL = ("safe_prompt", "prompt_mode", "random_seed", "document_image_limit", "document_page_limit")
_SAMPLING = (
    "top_k", "min_p", "typical_p", "repetition_penalty", "length_penalty", "min_tokens", "ignore_eos", "best_of",
    "use_beam_search", "stop_token_ids", "include_stop_str_in_output", "bad_words", "allowed_token_ids", "mirostat",
    "mirostat_tau", "mirostat_eta", "mirostat_lr", "mirostat_target", "repeat_penalty", "repeat_last_n", "num_ctx",
)  # fmt: skip
_VLLM = (
    "guided_json", "guided_regex", "guided_choice", "guided_grammar", "guided_decoding_backend", "chat_template",
    "chat_template_kwargs", "mm_processor_kwargs", "add_generation_prompt", "continue_final_message",
    "add_special_tokens", "skip_special_tokens", "spaces_between_special_tokens", "truncate_prompt_tokens",
    "prompt_logprobs", "echo", "priority", "cache_salt", "return_token_ids", "kv_transfer_params", "regex", "ebnf",
    "separate_reasoning", "lora_path",
)  # fmt: skip
_LLAMA_CPP = (
    "grammar", "json_schema", "cache_prompt", "id_slot", "n_predict", "samplers", "timings_per_token",
    "parse_tool_calls", "reasoning_control",
)  # fmt: skip
_OLLAMA = ("options", "keep_alive")
_OTHERS = (
    "extra_body", "google", "safety_model", "compliance", "context_length_exceeded_behavior", "prompt_truncate_len",
    "prompt_truncate_length", "raw_output", "perf_metrics_in_response", "reasoning_history", "speculation",
    "prompt_cache_isolation_key", "mask_sensitive_info", "search_mode", "search_domain_filter", "return_images",
    "search_recency_filter", "return_related_questions", "data_sources", "safety_settings", "cached_content",
)  # fmt: skip

FOREIGN = frozenset(
    (*_XAI, *_OPENROUTER, *_GROQ, *_QWEN, *_THINKING, *_ZAI, *_MISTRAL, *_SAMPLING, *_VLLM, *_LLAMA_CPP, *_OLLAMA,
     *_OTHERS)
)  # fmt: skip
"""The names of all of them."""
