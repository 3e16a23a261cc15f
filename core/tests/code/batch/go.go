// go get github.com/aws/aws-sdk-go-v2
// go get github.com/aws/aws-sdk-go-v2/config
// go get github.com/aws/aws-sdk-go-v2/service/dynamodb
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client := dynamodb.NewFromConfig(settings)
	inputs := []dynamodb.BatchWriteItemInput{
		{
			RequestItems: map[string][]types.WriteRequest{
				"people": {
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b0"},
								"n":  &types.AttributeValueMemberN{Value: "0"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b1"},
								"n":  &types.AttributeValueMemberN{Value: "1"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b2"},
								"n":  &types.AttributeValueMemberN{Value: "2"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b3"},
								"n":  &types.AttributeValueMemberN{Value: "3"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b4"},
								"n":  &types.AttributeValueMemberN{Value: "4"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b5"},
								"n":  &types.AttributeValueMemberN{Value: "5"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b6"},
								"n":  &types.AttributeValueMemberN{Value: "6"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b7"},
								"n":  &types.AttributeValueMemberN{Value: "7"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b8"},
								"n":  &types.AttributeValueMemberN{Value: "8"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b9"},
								"n":  &types.AttributeValueMemberN{Value: "9"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b10"},
								"n":  &types.AttributeValueMemberN{Value: "10"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b11"},
								"n":  &types.AttributeValueMemberN{Value: "11"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b12"},
								"n":  &types.AttributeValueMemberN{Value: "12"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b13"},
								"n":  &types.AttributeValueMemberN{Value: "13"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b14"},
								"n":  &types.AttributeValueMemberN{Value: "14"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b15"},
								"n":  &types.AttributeValueMemberN{Value: "15"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b16"},
								"n":  &types.AttributeValueMemberN{Value: "16"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b17"},
								"n":  &types.AttributeValueMemberN{Value: "17"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b18"},
								"n":  &types.AttributeValueMemberN{Value: "18"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b19"},
								"n":  &types.AttributeValueMemberN{Value: "19"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b20"},
								"n":  &types.AttributeValueMemberN{Value: "20"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b21"},
								"n":  &types.AttributeValueMemberN{Value: "21"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b22"},
								"n":  &types.AttributeValueMemberN{Value: "22"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b23"},
								"n":  &types.AttributeValueMemberN{Value: "23"},
							},
						},
					},
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b24"},
								"n":  &types.AttributeValueMemberN{Value: "24"},
							},
						},
					},
				},
			},
			ReturnConsumedCapacity: "TOTAL",
		},
		{
			RequestItems: map[string][]types.WriteRequest{
				"people": {
					{
						PutRequest: &types.PutRequest{
							Item: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "b25"},
								"n":  &types.AttributeValueMemberN{Value: "25"},
							},
						},
					},
					{
						DeleteRequest: &types.DeleteRequest{
							Key: map[string]types.AttributeValue{
								"id": &types.AttributeValueMemberS{Value: "1"},
							},
						},
					},
				},
			},
			ReturnConsumedCapacity: "TOTAL",
		},
	}
	for _, input := range inputs {
		for len(input.RequestItems) > 0 {
			output, err := client.BatchWriteItem(ctx, &input)
			if err != nil {
				log.Fatal(err)
			}
			show(output)
			input.RequestItems = output.UnprocessedItems
			time.Sleep(100 * time.Millisecond)
		}
	}
}

func show(output any) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(output); err != nil {
		log.Fatal(err)
	}
}
