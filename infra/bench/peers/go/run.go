package main

import (
	"strings"
	"time"
)

// item is a run as it is stored.
type item struct {
	SK                  string `dynamodbav:"sk"`
	Kind                string `dynamodbav:"kind"`
	Status              string `dynamodbav:"status"`
	Provider            string `dynamodbav:"provider"`
	Model               string `dynamodbav:"model"`
	FirstMessage        string `dynamodbav:"first_message"`
	StartedAt           int64  `dynamodbav:"started_at"`
	UpdatedAt           int64  `dynamodbav:"updated_at"`
	FinishedAt          *int64 `dynamodbav:"finished_at"`
	Steps               uint32 `dynamodbav:"steps"`
	Errors              uint32 `dynamodbav:"errors"`
	InputTokens         uint64 `dynamodbav:"input_tokens"`
	OutputTokens        uint64 `dynamodbav:"output_tokens"`
	ReasoningTokens     uint64 `dynamodbav:"reasoning_tokens"`
	CacheCreationTokens uint64 `dynamodbav:"cache_creation_tokens"`
	CacheReadTokens     uint64 `dynamodbav:"cache_read_tokens"`
	EndpointLabel       string `dynamodbav:"endpoint_label"`
}

// run is a run as it travels.
type run struct {
	ID         string  `json:"id"`
	ChatID     string  `json:"chat_id"`
	Kind       string  `json:"kind"`
	Status     string  `json:"status"`
	Provider   string  `json:"provider,omitempty"`
	Model      string  `json:"model,omitempty"`
	Summary    summary `json:"summary"`
	StartedAt  string  `json:"started_at"`
	UpdatedAt  string  `json:"updated_at"`
	FinishedAt string  `json:"finished_at,omitempty"`
}

type summary struct {
	FirstMessage             string  `json:"first_message,omitempty"`
	StepCount                *uint32 `json:"step_count,omitempty"`
	TotalInputTokens         *uint64 `json:"total_input_tokens,omitempty"`
	TotalOutputTokens        *uint64 `json:"total_output_tokens,omitempty"`
	TotalReasoningTokens     uint64  `json:"total_reasoning_tokens,omitempty"`
	TotalCacheCreationTokens uint64  `json:"total_cache_creation_tokens,omitempty"`
	TotalCacheReadTokens     uint64  `json:"total_cache_read_tokens,omitempty"`
	HasError                 bool    `json:"has_error,omitempty"`
	EndpointLabel            string  `json:"endpoint_label,omitempty"`
}

func (i *item) run(chatID string) run {
	run := run{
		ID:        strings.TrimPrefix(i.SK, "RUN#"),
		ChatID:    chatID,
		Kind:      i.Kind,
		Status:    i.Status,
		Provider:  i.Provider,
		Model:     i.Model,
		Summary:   i.summary(),
		StartedAt: timeOf(i.StartedAt),
		UpdatedAt: timeOf(i.UpdatedAt),
	}
	if i.FinishedAt != nil {
		run.FinishedAt = timeOf(*i.FinishedAt)
	}
	return run
}

func (i *item) summary() summary {
	if i.Status == "in_progress" {
		return summary{FirstMessage: i.FirstMessage}
	}
	return summary{
		FirstMessage:             i.FirstMessage,
		StepCount:                &i.Steps,
		TotalInputTokens:         &i.InputTokens,
		TotalOutputTokens:        &i.OutputTokens,
		TotalReasoningTokens:     i.ReasoningTokens,
		TotalCacheCreationTokens: i.CacheCreationTokens,
		TotalCacheReadTokens:     i.CacheReadTokens,
		HasError:                 i.Errors > 0,
		EndpointLabel:            i.EndpointLabel,
	}
}

// timeOf writes microseconds since 1970 as RFC 3339, without zeros at the end.
func timeOf(micros int64) string {
	return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
}
