// go get github.com/aws/aws-sdk-go-v2
// go get github.com/aws/aws-sdk-go-v2/config
// go get github.com/aws/aws-sdk-go-v2/service/dynamodb
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	input := &dynamodb.PutItemInput{
		TableName: aws.String("people"),
		Item: map[string]types.AttributeValue{
			"id":        &types.AttributeValueMemberS{Value: "evil"},
			"__proto__": &types.AttributeValueMemberS{Value: "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
			"constructor": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
				"toString": &types.AttributeValueMemberS{Value: "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
				"\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END": &types.AttributeValueMemberL{Value: []types.AttributeValue{
					&types.AttributeValueMemberS{Value: "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
				}},
			}},
			"sets": &types.AttributeValueMemberSS{Value: []string{
				"\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END",
				"\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END2",
			}},
			"b":    &types.AttributeValueMemberB{Value: []byte("\"'\x00\\\\n${}%\x0a\xff")},
			"END":  &types.AttributeValueMemberS{Value: "END"},
			"1":    &types.AttributeValueMemberN{Value: "1"},
			"a-b":  &types.AttributeValueMemberS{Value: "x"},
			"it's": &types.AttributeValueMemberBOOL{Value: true},
		},
		ConditionExpression: aws.String("#e <> :e"),
		ExpressionAttributeNames: map[string]string{
			"#e": "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END",
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":e": &types.AttributeValueMemberS{Value: "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
		},
	}
	output, err := client.PutItem(ctx, input)
	if err != nil {
		log.Fatal(err)
	}
	show(output)
}

func show(output any) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(output); err != nil {
		log.Fatal(err)
	}
}
