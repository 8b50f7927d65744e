package main

import (
	"strings"
	"time"
)

// common is what a run has both as it is stored and as it travels.
type common struct {
	Kind       string  `dynamodbav:"kind" json:"kind"`
	Status     string  `dynamodbav:"status" json:"status"`
	Provider   string  `dynamodbav:"provider" json:"provider,omitempty"`
	Model      string  `dynamodbav:"model" json:"model,omitempty"`
	StartedAt  micros  `dynamodbav:"sa" json:"started_at"`
	UpdatedAt  micros  `dynamodbav:"ua" json:"updated_at"`
	FinishedAt *micros `dynamodbav:"fa" json:"finished_at,omitempty"`
}

// item is a run as it is stored.
type item struct {
	common
	SK                  string `dynamodbav:"sk"`
	CreatedAt           micros `dynamodbav:"ca"`
	FirstMessage        string `dynamodbav:"fm"`
	Steps               uint32 `dynamodbav:"steps"`
	Errors              uint32 `dynamodbav:"errors"`
	InputTokens         uint64 `dynamodbav:"it"`
	OutputTokens        uint64 `dynamodbav:"ot"`
	ReasoningTokens     uint64 `dynamodbav:"rt"`
	CacheCreationTokens uint64 `dynamodbav:"cct"`
	CacheReadTokens     uint64 `dynamodbav:"crt"`
	EndpointLabel       string `dynamodbav:"el"`
}

// run is a run as it travels.
type run struct {
	common
	ID      string  `json:"id"`
	ChatID  string  `json:"chat_id"`
	Summary summary `json:"summary"`
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
	if i.UpdatedAt == 0 {
		i.UpdatedAt = i.CreatedAt
	}
	return run{common: i.common, ID: strings.TrimPrefix(i.SK, "RUN#"), ChatID: chatID, Summary: i.summary()}
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

// micros are microseconds since 1970, which travel as RFC 3339 without zeros at the end.
type micros int64

func (m micros) MarshalJSON() ([]byte, error) {
	return []byte(time.UnixMicro(int64(m)).UTC().Format(`"` + time.RFC3339Nano + `"`)), nil
}
